//! Subcommands of the real program, run to their end.

use std::path::Path;

use crate::support::{Program, Refused, refused};

/// The directory that all of these tests keep their data in.
pub const DATA: &str = "data";

/// How the server is started.
pub const SERVE: [&str; 4] = ["--listen", "127.0.0.1:0", "--data-directory", DATA];

/// The token of the server's operator, where there is one.
pub const OPERATOR_TOKEN: &str = "operator-0123456789";

/// Runs a subcommand that must end with this code; what it printed and said.
#[track_caller]
pub fn ended(code: i32, run: Refused) -> (String, String) {
    assert_eq!(run.code, Some(code), "{run:?}");
    assert!(!run.stderr.contains("panicked"), "{run:?}");
    (run.stdout, run.stderr)
}

/// Runs a subcommand to its end.
pub async fn run(directory: &Path, arguments: &[&str]) -> Refused {
    refused(directory, arguments, &[]).await
}

/// Ends a server well.
pub async fn stop(mut program: Program) {
    program.terminate();
    assert!(program.ended().await.success());
}
