//! `stormglass`: serves the backend on a real socket and keeps its data in one directory.

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// The server allocates in many threads what it frees in others, and pages of the database all the time.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    system::program::run()
}
