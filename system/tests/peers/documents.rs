//! The published documents, held to the schemas that OpenAPI and AsyncAPI publish of themselves.

use std::path::Path;
use std::process::Command;

use crate::support::{Stage, installed, run};

/// Both are valid, and copies that were made wrong are not (REQUIREMENTS.md WS-13).
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_are_valid_by_their_specifications() {
    let (Some(python), Some(asyncapi)) = (installed("bin/python"), installed("asyncapi-3.0.0.json")) else { return };
    let stage = Stage::set().await;
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers/documents.py");
    let printed = run(Command::new(python).arg(script).arg(format!("http://{}", stage.address)).arg(asyncapi));
    assert_eq!(printed.trim().lines().last(), Some("all of it holds"), "{printed}");
}
