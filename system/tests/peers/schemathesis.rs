//! Schemathesis reads the served OpenAPI document, calls every endpoint with what it draws from the schemas, valid and
//! not, and checks each answer against the document.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use crate::support::{EMAIL, PASSWORD, Stage, installed, run};

/// What it checks. `schemathesis.toml` says what it cannot know. Left out is nothing but `object_level_authorization`, which
/// takes for a leak whatever a second user may see of the first one's: `system/tests/sockets/rest/tenants.rs` asks every route
/// for another company's objects.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,\
                      response_schema_conformance,negative_data_rejection,positive_data_acceptance,\
                      missing_required_header,unsupported_method,allow_header_conformance,gone_stays_gone,\
                      ensure_resource_availability,ignored_auth";

/// What hardly ever succeeds for a company's owner who knows nothing but the document, and why.
const NEVER: &[(&str, &str)] = &[
    ("auth.login", "wants a password"),
    ("auth.refresh", "wants a refresh token that has not been used"),
    ("backup.take", "is for the operator of the whole server"),
    ("drain.begin", "is for the operator of the whole server"),
    ("drain.end", "is for the operator of the whole server"),
    ("drain.read", "is for the operator of the whole server"),
    ("limits.change", "is for the operator of the whole server"),
    ("limits.read", "is for the operator of the whole server"),
    ("metrics.read", "is for the operator of the whole server"),
    ("signing_key.read", "is for the operator of the whole server"),
    ("signing_key.rotate", "is for the operator of the whole server"),
    ("invitations.accept", "wants a token that only the invited person was told"),
    ("connections.disconnect", "wants a live WebSocket"),
    ("profile.change_password", "wants the current password"),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_answer_is_as_the_openapi_document_says() {
    let Some(schemathesis) = installed("bin/schemathesis") else { return };
    let stage = Stage::set().await;
    let directory = tempfile::tempdir().unwrap();
    let answered = directory.path().join("answered.json");
    let tests = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/peers");
    let server = format!("http://{}", stage.address);
    let printed = run(Command::new(schemathesis)
        .current_dir(directory.path())
        .env("PYTHONPATH", tests)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("SCHEMATHESIS_HOOKS", "hooks")
        .envs([("SERVER", server.as_str()), ("EMAIL", EMAIL), ("PASSWORD", PASSWORD)])
        .env("ANSWERED", &answered)
        .args(["--config-file", &format!("{tests}/schemathesis.toml")])
        .args(["run", &format!("{server}/openapi.json")])
        .args(["--checks", CHECKS, "--phases", "examples,coverage,fuzzing,stateful", "--max-examples", "10"])
        // The upgrade is no answer; the events of `/ws` are the other document's.
        .args(["--exclude-path", "/ws", "--request-timeout", "20", "--no-color", "--max-failures", "5"]));
    assert!(printed.contains("No issues found"), "{printed}");

    // What was only ever refused was not tested.
    let answered = std::fs::read_to_string(answered).unwrap();
    let answered: BTreeMap<String, BTreeMap<u16, u64>> = serde_json::from_str(&answered).unwrap();
    let never = answered.iter().filter(|(_, statuses)| !statuses.keys().any(|status| (200..300).contains(status)));
    let never: BTreeSet<&str> = never.map(|(operation, _)| operation.as_str()).collect();
    let excused: BTreeSet<&str> = NEVER.iter().map(|(operation, _)| *operation).collect();
    let untested: Vec<_> = never.difference(&excused).collect();
    assert!(untested.is_empty(), "{untested:?} never succeeded; hooks.py gives paths what they name: {answered:?}");
}
