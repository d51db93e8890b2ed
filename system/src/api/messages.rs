//! `/rooms/{id}/messages`: post and list.

use axum::Router;
use axum::extract::State;
use axum::routing::get;
use serde::Deserialize;

use crate::app::App;
use crate::domain::messages;
use crate::http::{Body, Caller, Correlation, Id, IdempotencyKey, Params, Reply};
use crate::protocol::{Message, Page, PostMessage, RoomId};
use crate::refusal::Answer;

pub(super) fn routes() -> Router<App> {
    Router::new().route("/rooms/{id}/messages", get(list).post(create))
}

/// Which page.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Paging {
    cursor: Option<String>,
    limit: Option<usize>,
}

async fn list(
    State(app): State<App>,
    Caller(actor): Caller,
    Id(room): Id<RoomId>,
    Params(paging): Params<Paging>,
) -> Answer<Reply<Page<Message>>> {
    let most = app.config.http.page_items;
    let limit = paging.limit.unwrap_or(most).clamp(1, most);
    app.store.read(move |view| messages::list(view, actor, room, paging.cursor.as_deref(), limit)).await.map(Reply::ok)
}

async fn create(
    State(app): State<App>,
    Caller(actor): Caller,
    Correlation(correlation): Correlation,
    Id(room): Id<RoomId>,
    IdempotencyKey(key): IdempotencyKey,
    Body(PostMessage { body }): Body<PostMessage>,
) -> Answer<Reply<Message>> {
    let sent =
        app.store.write(&correlation, move |draft| messages::send(draft, actor, room, &body, key.as_deref())).await?;
    Ok(Reply::created(sent))
}
