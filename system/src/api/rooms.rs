//! `/rooms`: create, list, get.

use axum::Router;
use axum::extract::State;
use axum::routing::get;

use crate::app::App;
use crate::domain::rooms;
use crate::http::{Body, Caller, Correlation, Id, IdempotencyKey, Reply};
use crate::protocol::{CreateRoom, Page, Room, RoomId};
use crate::refusal::Answer;

pub(super) fn routes() -> Router<App> {
    Router::new().route("/rooms", get(list).post(create)).route("/rooms/{id}", get(read))
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
