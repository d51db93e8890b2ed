//! `/rooms/{id}/members`: list. `/rooms/{id}/members/{user}`: add and join, remove and leave.

use axum::extract::State;
use http::StatusCode;

use crate::app::App;
use crate::domain::members;
use crate::http::{Caller, Correlation, Id, Ids, Paged, Reply};
use crate::protocol::{ErrorCode, Member, Page, RoomId, UserId};
use crate::refusal::Answer;
use crate::schema::{Routes, delete, get, put};

pub(super) fn routes() -> Routes {
    const PATH: &str = "/rooms/{id}/members/{user}";
    let list = get("/rooms/{id}/members", list, "Who is in a room.");
    let add = put(PATH, add, "Adds a user to a room, or lets the caller join it.")
        .refuses(&[ErrorCode::Forbidden, ErrorCode::RoomArchived]);
    let remove = delete(PATH, remove, "Removes a user from a room, or lets the caller leave it.");
    Routes::new().with(list).with(add).with(remove.refuses(&[ErrorCode::Forbidden])).of("rooms")
}

async fn list(
    State(app): State<App>,
    Caller(actor): Caller,
    Id(room): Id<RoomId>,
    Paged(paging): Paged,
) -> Answer<Reply<Page<Member>>> {
    app.store.read(move |view| members::list(view, actor, room, &paging)).await.map(Reply::ok)
}

async fn add(
    State(app): State<App>,
    Caller(actor): Caller,
    Correlation(correlation): Correlation,
    Ids(room, user): Ids<RoomId, UserId>,
) -> Answer<Reply<Member>> {
    app.store.write(&correlation, move |draft| members::add(draft, actor, room, user)).await.map(Reply::ok)
}

async fn remove(
    State(app): State<App>,
    Caller(actor): Caller,
    Correlation(correlation): Correlation,
    Ids(room, user): Ids<RoomId, UserId>,
) -> Answer<StatusCode> {
    app.store.write(&correlation, move |draft| members::remove(draft, actor, room, user)).await?;
    Ok(StatusCode::NO_CONTENT)
}
