//! `/openapi.json`, `/asyncapi.json` and `/docs`: what this server understands, told by itself.

use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use serde_json::json;

use crate::app::App;
use crate::schema::{Describe, Operation, Routes, get};

pub(super) fn routes() -> Routes {
    let rest = get("/openapi.json", openapi, "This document.");
    let websocket = get("/asyncapi.json", asyncapi, "The AsyncAPI 3 document of the WebSocket side.");
    let page = get("/docs", docs, "Both documents as a page to read.");
    Routes::new().with(rest).with(websocket).with(page).of("documents")
}

async fn openapi(State(app): State<App>) -> Document {
    Document(app.documents.texts().openapi.clone())
}

async fn asyncapi(State(app): State<App>) -> Document {
    Document(app.documents.texts().asyncapi.clone())
}

async fn docs(State(app): State<App>) -> Page {
    Page(app.documents.texts().page.clone())
}

/// JSON that was written before.
struct Document(Bytes);

/// A page that needs nothing but itself, and is allowed nothing else.
struct Page(Bytes);

impl IntoResponse for Document {
    fn into_response(self) -> Response {
        ([(CONTENT_TYPE, "application/json")], self.0).into_response()
    }
}

impl IntoResponse for Page {
    fn into_response(self) -> Response {
        let policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";
        ([(CONTENT_TYPE, "text/html; charset=utf-8"), (CONTENT_SECURITY_POLICY, policy)], self.0).into_response()
    }
}

impl Describe for Document {
    fn describe(operation: &mut Operation<'_>) {
        operation.answer("application/json", json!({"type": "object"}));
    }
}

impl Describe for Page {
    fn describe(operation: &mut Operation<'_>) {
        operation.answer("text/html", json!({"type": "string"}));
        operation.answer_header("Content-Security-Policy", "The page loads nothing.");
    }
}
