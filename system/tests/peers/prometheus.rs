//! The Python client of Prometheus reads the metrics: its parser of OpenMetrics is strict about what ours might get wrong.

use std::path::Path;
use std::process::Command;

use crate::support::{OPERATOR_TOKEN, Stage, installed, run};

/// Names, units, types, buckets and values (REQUIREMENTS.md WS-9).
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn its_own_parser_reads_the_metrics() {
    let Some(python) = installed("bin/python") else { return };
    let stage = Stage::set().await;
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers/metrics.py");
    let url = format!("http://{}/metrics", stage.address);
    let printed = run(Command::new(python).arg(script).arg(url).arg(OPERATOR_TOKEN));
    assert_eq!(printed.trim().lines().last(), Some("all of it holds"), "{printed}");
}
