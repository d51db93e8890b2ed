//! `/operator/drain`: empties the server before it is stopped or taken out of service (PROTOCOL.md, promise 12).
//!
//! While it drains it is not ready and upgrades nobody, its clients are told to come back later, spread over a time, and
//! REST goes on. It stays so until it is taken back or the process ends.

use std::sync::Arc;

use axum::extract::State;
use http::StatusCode;
use tracing::info;

use crate::app::App;
use crate::http::{Body, Correlation, Reply, ServerOperator};
use crate::protocol::bound::DRAIN_JITTER_MS;
use crate::protocol::{BeginDrain, DrainState};
use crate::refusal::{Answer, Refusal};
use crate::schema::{Routes, delete, get, post};

pub(super) fn routes() -> Routes {
    const PATH: &str = "/operator/drain";
    let read = get(PATH, read, "Whether the server is being emptied.");
    let begin = post(PATH, begin, "Empties the server: nobody new, and everybody is told to come back elsewhere.");
    let end = delete(PATH, end, "Takes the server back into service.");
    Routes::new().with(read).with(begin).with(end)
}

async fn read(State(app): State<App>, _: ServerOperator) -> Reply<DrainState> {
    Reply::ok(state(&app))
}

async fn begin(
    State(app): State<App>,
    _: ServerOperator,
    Correlation(correlation): Correlation,
    Body(request): Body<BeginDrain>,
) -> Answer<Reply<DrainState>> {
    let jitter_ms = request.jitter_ms.unwrap_or(app.config.shutdown.jitter_ms);
    if jitter_ms > DRAIN_JITTER_MS {
        return Err(Refusal::field("jitter_ms", "must be at most 600,000"));
    }
    let connections = app.hub.len();
    info!(target: "stormglass::operator", connections, jitter_ms, correlation_id = correlation, "draining");
    app.hub.begin_drain(jitter_ms);
    // The plan goes on by itself, for as long as there is a hub.
    let hub = Arc::downgrade(&app.hub);
    tokio::spawn(async move {
        if let Some(hub) = hub.upgrade() {
            hub.drain(jitter_ms).await;
        }
    });
    Ok(Reply::ok(state(&app)))
}

async fn end(State(app): State<App>, _: ServerOperator, Correlation(correlation): Correlation) -> Answer<StatusCode> {
    if app.is_stopping() {
        return Err(Refusal::new(crate::protocol::ErrorCode::Unavailable, "the server is stopping"));
    }
    app.hub.end_drain();
    info!(target: "stormglass::operator", correlation_id = correlation, "no longer draining");
    Ok(StatusCode::NO_CONTENT)
}

fn state(app: &App) -> DrainState {
    DrainState { draining: app.hub.is_draining(), connections: app.hub.len() }
}
