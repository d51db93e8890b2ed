//! `/health`: the process lives. `/ready`: it takes work.

use axum::extract::State;
use http::StatusCode;

use crate::app::App;
use crate::protocol::ErrorCode;
use crate::refusal::{Answer, Refusal};
use crate::schema::{Routes, get};

pub(super) fn routes() -> Routes {
    let health = get("/health", health, "The process lives.");
    let ready = get("/ready", ready, "The server takes work.");
    Routes::new().with(health).with(ready).of("health")
}

async fn health() -> StatusCode {
    StatusCode::NO_CONTENT
}

async fn ready(State(app): State<App>) -> Answer<StatusCode> {
    if app.is_stopping() {
        return Err(Refusal::new(ErrorCode::Unavailable, "the server is stopping"));
    }
    if app.hub.is_draining() {
        return Err(Refusal::new(ErrorCode::Unavailable, "the server is being drained"));
    }
    app.store.read(|view| view.last_commit().map_err(Refusal::from)).await?;
    Ok(StatusCode::NO_CONTENT)
}
