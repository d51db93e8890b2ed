//! The published schemas, so that every change of the contract shows in review.

use serde_json::Value;
use sim::report::published::KINDS;
use system::schema::{asyncapi, openapi};

#[test]
fn openapi_of_rest() {
    insta::assert_snapshot!(pretty(&openapi()));
}

#[test]
fn asyncapi_of_the_websocket() {
    insta::assert_snapshot!(pretty(&asyncapi()));
}

#[test]
fn documents_of_the_command() {
    for kind in KINDS {
        insta::assert_snapshot!(format!("report_{}", kind.name), pretty(&kind.schema()));
    }
}

fn pretty(document: &Value) -> String {
    serde_json::to_string_pretty(document).expect("a document is JSON")
}
