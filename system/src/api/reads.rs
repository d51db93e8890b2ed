//! `/rooms/{id}/read`: how far the caller has read a room.

use axum::extract::State;

use crate::app::App;
use crate::domain::reads;
use crate::http::{Body, Caller, Correlation, Id, Reply};
use crate::protocol::{ErrorCode, MarkRead, ReadMarker, RoomId};
use crate::refusal::Answer;
use crate::schema::{Routes, get, put};

pub(super) fn routes() -> Routes {
    const PATH: &str = "/rooms/{id}/read";
    let read = get(PATH, read, "How far the caller has read a room.").refuses(&[ErrorCode::Forbidden]);
    let mark = put(PATH, mark, "Says how far the caller has read a room.").refuses(&[ErrorCode::Forbidden]);
    Routes::new().with(read).with(mark).of("messages")
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
