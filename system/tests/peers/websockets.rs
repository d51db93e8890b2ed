//! The `websockets` library of Python: another reading of RFC 6455 than ours.

use std::path::Path;
use std::process::Command;

use crate::support::{Stage, installed, run};

/// Handshakes in both ways and refused ones, `hello`, a message and its event, resume, ping and pong, a binary frame, and
/// how the server closes (REQUIREMENTS.md WS-1, WS-2, WS-5, WS-12, WS-17).
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_python_client_joins_in() {
    let Some(python) = installed("bin/python") else { return };
    let stage = Stage::set().await;
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers/client.py");
    let printed = run(Command::new(python)
        .arg(script)
        .arg(format!("ws://{}/ws", stage.address))
        .arg(stage.token())
        .arg(stage.room.id.to_string()));
    assert_eq!(printed.trim().lines().last(), Some("all of it holds"), "{printed}");
}
