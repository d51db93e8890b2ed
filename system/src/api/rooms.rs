//! `/rooms`: create, list, get.

use axum::extract::State;

use crate::app::App;
use crate::domain::rooms;
use crate::http::{Body, Caller, Correlation, Id, IdempotencyKey, Reply};
use crate::protocol::{CreateRoom, ErrorCode, Page, Room, RoomId};
use crate::refusal::Answer;
use crate::schema::{Routes, get, post};

pub(super) fn routes() -> Routes {
    let list = get("/rooms", list, "The rooms that the caller may know of.");
    let create = post("/rooms", create, "Creates a room with the caller in it.");
    let read = get("/rooms/{id}", read, "One room.");
    Routes::new().with(list).with(create.created().refuses(&[ErrorCode::Forbidden])).with(read).of("rooms")
}

async fn list(State(app): State<App>, Caller(actor): Caller) -> Answer<Reply<Page<Room>>> {
    let items = app.store.read(move |view| rooms::list(view, actor)).await?;
    Ok(Reply::ok(Page { items, next: None }))
}

async fn create(
    State(app): State<App>,
    Caller(actor): Caller,
    Correlation(correlation): Correlation,
    IdempotencyKey(key): IdempotencyKey,
    Body(request): Body<CreateRoom>,
) -> Answer<Reply<Room>> {
    let created =
        app.store.write(&correlation, move |draft| rooms::create(draft, actor, &request, key.as_deref())).await?;
    Ok(Reply::created(created))
}

async fn read(State(app): State<App>, Caller(actor): Caller, Id(id): Id<RoomId>) -> Answer<Reply<Room>> {
    app.store.read(move |view| rooms::get(view, actor, id)).await.map(Reply::ok)
}
