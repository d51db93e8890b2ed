//! tuspy, a client of the tus 1.0 protocol that others have written.

use std::path::Path;
use std::process::Command;

use crate::support::{Stage, installed, run};

/// Of a company, and so of its owner.
const QUOTA_BYTES: u64 = 20 << 20;

/// An upload of several chunks with checksums, one that is interrupted and found again, one whose request dies, a checksum that
/// does not match, no bytes at all, more than the quota has, and metadata that nobody knows (REQUIREMENTS.md IT-11).
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_python_client_uploads() {
    let Some(python) = installed("bin/python") else { return };
    let stage = Stage::with(|config| {
        config.quota.company_bytes = QUOTA_BYTES;
        config.quota.user_bytes = QUOTA_BYTES;
    })
    .await;
    let directory = tempfile::tempdir().unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers/uploads.py");
    let printed = run(Command::new(python)
        .arg(script)
        .arg(format!("http://{}", stage.address))
        .args([stage.token(), &stage.room.id.to_string(), &QUOTA_BYTES.to_string()])
        .arg(directory.path()));
    assert_eq!(printed.trim().lines().last(), Some("all of it holds"), "{printed}");
}
