//! `/health`: the process lives. `/ready`: it takes work.

use axum::Router;
use axum::extract::State;
use axum::routing::get;
use http::StatusCode;

use crate::app::App;
use crate::protocol::ErrorCode;
use crate::refusal::{Answer, Refusal};

pub(super) fn routes() -> Router<App> {
    Router::new().route("/health", get(async || StatusCode::NO_CONTENT)).route("/ready", get(ready))
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
