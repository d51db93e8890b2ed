//! `/rooms/{id}/read`: how far the caller has read a room.

use axum::Router;
use axum::extract::State;
use axum::routing::get;

use crate::app::App;
use crate::domain::reads;
use crate::http::{Body, Caller, Correlation, Id, Reply};
use crate::protocol::{MarkRead, ReadMarker, RoomId};
use crate::refusal::Answer;

pub(super) fn routes() -> Router<App> {
    Router::new().route("/rooms/{id}/read", get(read).put(mark))
}

async fn read(State(app): State<App>, Caller(actor): Caller, Id(room): Id<RoomId>) -> Answer<Reply<ReadMarker>> {
    app.store.read(move |view| reads::get(view, actor, room)).await.map(Reply::ok)
}

async fn mark(
    State(app): State<App>,
    Caller(actor): Caller,
    Correlation(correlation): Correlation,
    Id(room): Id<RoomId>,
    Body(MarkRead { seq }): Body<MarkRead>,
) -> Answer<Reply<ReadMarker>> {
    let marked = app.store.write(&correlation, move |draft| reads::mark(draft, actor, room, seq)).await?;
    Ok(Reply::ok(marked.object))
}
