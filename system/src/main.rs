//! `stormglass`: serves the backend on a real socket and keeps its data in one directory.

mod program;

use std::process::ExitCode;

fn main() -> ExitCode {
    program::run()
}
