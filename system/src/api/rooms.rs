//! `/rooms`: create, list. `/rooms/{id}`: get, change, delete, and `/archive` and `/unarchive` below it.

use axum::extract::State;
use http::StatusCode;

use crate::app::App;
use crate::domain::rooms;
use crate::http::{Body, Caller, Correlation, Id, IdempotencyKey, IfMatch, Paged, Reply};
use crate::protocol::{CreateRoom, ErrorCode, Page, Room, RoomId, UpdateRoom};
use crate::refusal::Answer;
use crate::schema::{self, Routes, get, patch, post};

pub(super) fn routes() -> Routes {
    const ONE: &str = "/rooms/{id}";
    let list = get("/rooms", list, "The rooms that the caller may know of.");
    let create = post("/rooms", create, "Creates a room with the caller in it.").created();
    let read = get(ONE, read, "One room.");
    let update = patch(ONE, update, "Changes the name or the visibility of a room.")
        .refuses(&[ErrorCode::Forbidden, ErrorCode::RoomArchived]);
    let delete = schema::delete(ONE, delete, "Deletes a room with everything that is in it, for good.");
    let archive =
        post("/rooms/{id}/archive", archive, "Archives a room: it can be read, and nothing is written to it.");
    let unarchive = post("/rooms/{id}/unarchive", unarchive, "Takes a room out of the archive.");
    let routes = Routes::new().with(list).with(create.refuses(&[ErrorCode::Forbidden])).with(read).with(update);
    let governing = [delete, archive, unarchive].map(|route| route.refuses(&[ErrorCode::Forbidden]));
    governing.into_iter().fold(routes, Routes::with).of("rooms")
}

async fn list(State(app): State<App>, Caller(actor): Caller, Paged(paging): Paged) -> Answer<Reply<Page<Room>>> {
    app.store.read(move |view| rooms::list(view, actor, &paging)).await.map(Reply::ok)
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
    Ok(Reply::created(created).version(|room| room.version))
}

async fn read(State(app): State<App>, Caller(actor): Caller, Id(id): Id<RoomId>) -> Answer<Reply<Room>> {
    let room = app.store.read(move |view| rooms::get(view, actor, id)).await?;
    Ok(Reply::ok(room).version(|room| room.version))
}

async fn update(
    State(app): State<App>,
    Caller(actor): Caller,
    Correlation(correlation): Correlation,
    Id(id): Id<RoomId>,
    IfMatch(expected): IfMatch,
    Body(request): Body<UpdateRoom>,
) -> Answer<Reply<Room>> {
    let room = app.store.write(&correlation, move |draft| rooms::update(draft, actor, id, &request, &expected)).await?;
    Ok(Reply::ok(room).version(|room| room.version))
}

async fn archive(
    State(app): State<App>,
    Caller(actor): Caller,
    Correlation(correlation): Correlation,
    Id(id): Id<RoomId>,
    IfMatch(expected): IfMatch,
) -> Answer<Reply<Room>> {
    let room = app.store.write(&correlation, move |draft| rooms::archive(draft, actor, id, &expected)).await?;
    Ok(Reply::ok(room).version(|room| room.version))
}

async fn unarchive(
    State(app): State<App>,
    Caller(actor): Caller,
    Correlation(correlation): Correlation,
    Id(id): Id<RoomId>,
    IfMatch(expected): IfMatch,
) -> Answer<Reply<Room>> {
    let room = app.store.write(&correlation, move |draft| rooms::unarchive(draft, actor, id, &expected)).await?;
    Ok(Reply::ok(room).version(|room| room.version))
}

async fn delete(
    State(app): State<App>,
    Caller(actor): Caller,
    Correlation(correlation): Correlation,
    Id(id): Id<RoomId>,
    IfMatch(expected): IfMatch,
    IdempotencyKey(key): IdempotencyKey,
) -> Answer<StatusCode> {
    let quota = app.config.quota.clone();
    let deleted =
        move |draft: &mut crate::store::Draft<'_>| rooms::delete(draft, actor, id, &expected, &quota, key.as_deref());
    app.store.write(&correlation, deleted).await?;
    Ok(StatusCode::NO_CONTENT)
}
