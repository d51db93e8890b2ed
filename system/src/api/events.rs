//! `/streams/{stream}`: the state of a stream, and what came after a position, for clients without a WebSocket.

use axum::extract::State;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::app::App;
use crate::domain::streams::{self, SnapshotLimits};
use crate::http::{Caller, Id, Params, Reply, StreamPath};
use crate::protocol::{Epoch, ErrorCode, EventPage, Snapshot};
use crate::refusal::Answer;
use crate::schema::{Routes, get};

pub(super) fn routes() -> Routes {
    let snapshot = get("/streams/{stream}/snapshot", snapshot, "The state of a stream as of one position.");
    let events =
        get("/streams/{stream}/events", events, "What came after a position, for clients without a WebSocket.")
            .refuses(&[ErrorCode::PositionLost]);
    Routes::new().with(snapshot).with(events).of("streams")
}

async fn snapshot(State(app): State<App>, Caller(actor): Caller, Id(stream): StreamPath) -> Answer<Reply<Snapshot>> {
    let store = &app.config.store;
    let limits = SnapshotLimits { messages: store.snapshot_messages, threads: store.snapshot_threads };
    app.store.read(move |view| streams::snapshot(view, actor, stream, limits)).await.map(Reply::ok)
}

/// After which position.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct After {
    /// The last position known; 0 before the first.
    #[serde(default)]
    after: u64,
    /// The history that the position counts in; absent: the present one.
    epoch: Option<u32>,
    /// How many at most; the server has a limit of its own.
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
