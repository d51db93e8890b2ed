//! `/streams/{stream}`: the state of a stream, and what came after a position, for clients without a WebSocket.

use std::num::NonZero;

use axum::extract::State;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::app::App;
use crate::domain::streams::{self, SnapshotLimits};
use crate::http::{Caller, Id, Params, Reply, StreamPath, page_limit};
use crate::protocol::{Epoch, ErrorCode, EventPage, Snapshot};
use crate::refusal::Answer;
use crate::schema::{Routes, get};

pub(super) fn routes() -> Routes {
    let snapshot = get("/streams/{stream}/snapshot", snapshot, "The state of a stream as of one position.");
    let events =
        get("/streams/{stream}/events", events, "What came after a position, for clients without a WebSocket.")
            .refuses(&[ErrorCode::PositionLost, ErrorCode::InvalidValue]);
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
    /// How many at most; absent: as many as the server ever gives.
    #[schemars(with = "Option<NonZero<usize>>")]
    limit: Option<String>,
}

async fn events(
    State(app): State<App>,
    Caller(actor): Caller,
    Id(stream): StreamPath,
    Params(params): Params<After>,
) -> Answer<Reply<EventPage>> {
    let limit = page_limit(&app, params.limit.as_deref())?;
    let epoch = params.epoch.map(Epoch);
    app.store.read(move |view| streams::events(view, actor, stream, params.after, epoch, limit)).await.map(Reply::ok)
}
