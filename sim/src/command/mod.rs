//! The `cargo sim` command: one file for each subcommand, and its line in the list here.
//!
//! What a subcommand has to say is data of [`crate::report`]; this module reads arguments, calls, writes and picks
//! the exit code. Simulations, verdicts and reports are made elsewhere.

mod arguments;
mod builds;
mod busy;
mod check_determinism;
mod dispatch;
mod duration;
mod exit;
mod failure;
mod fingerprints;
mod fuzz;
mod judge;
mod leaks;
mod list;
mod load;
mod merge;
mod mutants;
mod output;
mod page_place;
mod planted;
mod progress;
mod refusal;
mod replay;
mod run;
mod scenarios;
mod schema;
mod shrink;
mod subject;
mod worst;

pub use arguments::cli;
pub use dispatch::run_from_arguments;
pub use exit::Exit;
