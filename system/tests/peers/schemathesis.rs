//! Schemathesis reads the served OpenAPI document, calls every endpoint with what it draws from the schemas, valid and
//! not, and checks each answer against the document.

use std::process::Command;

use crate::support::{Stage, find, run};

/// What it checks. Left out: whether a token that is not sent is asked for (`ignored_auth` calls with tokens of its own).
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,\
                      response_schema_conformance";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_answer_is_as_the_openapi_document_says() {
    let Some(schemathesis) = find("schemathesis") else { return };
    let stage = Stage::set().await;
    let directory = tempfile::tempdir().unwrap();
    let printed = run(Command::new(schemathesis)
        .current_dir(directory.path())
        .env("PYTHONPATH", concat!(env!("CARGO_MANIFEST_DIR"), "/tests/peers"))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("SCHEMATHESIS_HOOKS", "hooks")
        .arg("run")
        .arg(format!("http://{}/openapi.json", stage.address))
        .args(["--checks", CHECKS, "--phases", "examples,coverage,fuzzing", "--max-examples", "10", "--seed", "1"])
        // The caller must stay logged in, and the upgrade is no answer; the events of `/ws` are the other document's.
        .args(["--exclude-operation-id", "auth.logout", "--exclude-path", "/ws"])
        .args(["--header", &format!("Authorization: Bearer {}", stage.token())])
        .args(["--request-timeout", "20", "--no-color", "--warnings", "off", "--max-failures", "5"]));
    assert!(printed.contains("No issues found"), "{printed}");
}
