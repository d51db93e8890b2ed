//! The `sim` program: see [`sim::command`].

use std::process::ExitCode;

fn main() -> ExitCode {
    sim::command::run_from_arguments().into()
}
