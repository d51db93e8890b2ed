//! `stormglass`: serves the backend on a real socket and keeps its data in one directory.

use std::process::ExitCode;

fn main() -> ExitCode {
    system::program::run()
}
