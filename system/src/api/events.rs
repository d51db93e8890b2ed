//! `/streams/{stream}`: the state of a stream, and what came after a position, for clients without a WebSocket.

use axum::Router;
use axum::extract::State;
use axum::routing::get;
use serde::Deserialize;

use crate::app::App;
use crate::domain::streams::{self, SnapshotLimits};
use crate::http::{Caller, Id, Params, Reply, StreamPath};
use crate::protocol::{Epoch, EventPage, Snapshot};
use crate::refusal::Answer;

pub(super) fn routes() -> Router<App> {
    Router::new().route("/streams/{stream}/snapshot", get(snapshot)).route("/streams/{stream}/events", get(events))
}

async fn snapshot(State(app): State<App>, Caller(actor): Caller, Id(stream): StreamPath) -> Answer<Reply<Snapshot>> {
    let store = &app.config.store;
    let limits = SnapshotLimits { messages: store.snapshot_messages, threads: store.snapshot_threads };
    app.store.read(move |view| streams::snapshot(view, actor, stream, limits)).await.map(Reply::ok)
}

/// After which position.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct After {
    #[serde(default)]
    after: u64,
    epoch: Option<u32>,
    limit: Option<usize>,
}

async fn events(
    State(app): State<App>,
    Caller(actor): Caller,
    Id(stream): StreamPath,
    Params(params): Params<After>,
) -> Answer<Reply<EventPage>> {
    let most = app.config.http.page_items;
    let limit = params.limit.unwrap_or(most).clamp(1, most);
    let epoch = params.epoch.map(Epoch);
    app.store.read(move |view| streams::events(view, actor, stream, params.after, epoch, limit)).await.map(Reply::ok)
}
