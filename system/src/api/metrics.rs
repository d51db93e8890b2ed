//! `/metrics`: what the server counts and measures of itself (REQUIREMENTS.md WS-9), for its operator.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use serde_json::json;

use crate::app::App;
use crate::http::ServerOperator;
use crate::metrics::{EXPOSITION_MEDIA_TYPE, scrape};
use crate::schema::{Describe, Operation, Routes, get};

pub(super) fn routes() -> Routes {
    let read = get("/metrics", read, "What the server counts and measures of itself, as OpenMetrics 1.0 text.");
    Routes::new().with(read).of("operator")
}

/// The text.
struct Exposition(String);

async fn read(State(app): State<App>, _: ServerOperator) -> Exposition {
    Exposition(scrape(&app))
}

impl IntoResponse for Exposition {
    fn into_response(self) -> Response {
        ([(CONTENT_TYPE, EXPOSITION_MEDIA_TYPE), (CACHE_CONTROL, "no-store")], self.0).into_response()
    }
}

impl Describe for Exposition {
    fn describe(operation: &mut Operation<'_>) {
        operation.answer("application/openmetrics-text", json!({"type": "string"}));
    }
}
