//! `/rooms/{id}/messages`: post, list, search. `/rooms/{id}/messages/{message}`: get, edit, delete.

use axum::Router;
use axum::extract::State;
use axum::routing::get;
use serde::Deserialize;

use crate::app::App;
use crate::domain::messages::{self, SearchLimits};
use crate::http::{Body, Caller, Correlation, Id, IdempotencyKey, Ids, IfMatch, Params, Reply};
use crate::protocol::{EditMessage, Message, MessageId, Page, PostMessage, RoomId};
use crate::refusal::Answer;
use crate::store::{Draft, View};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/rooms/{id}/messages", get(list).post(create))
        .route("/rooms/{id}/messages/{message}", get(read).patch(edit).delete(delete))
}

/// Which page, and of what: with `query`, of the messages that hold it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Paging {
    query: Option<String>,
    cursor: Option<String>,
    limit: Option<usize>,
}

async fn list(
    State(app): State<App>,
    Caller(actor): Caller,
    Id(room): Id<RoomId>,
    Params(paging): Params<Paging>,
) -> Answer<Reply<Page<Message>>> {
    let http = &app.config.http;
    let limit = paging.limit.unwrap_or(http.page_items).clamp(1, http.page_items);
    let limits = SearchLimits { found: limit, looked_at: http.search_messages };
    let read = move |view: &View<'_>| {
        let cursor = paging.cursor.as_deref();
        match &paging.query {
            Some(query) => messages::search(view, actor, room, query, cursor, limits),
            None => messages::list(view, actor, room, cursor, limit),
        }
    };
    app.store.read(read).await.map(Reply::ok)
}

async fn create(
    State(app): State<App>,
    Caller(actor): Caller,
    Correlation(correlation): Correlation,
    Id(room): Id<RoomId>,
    IdempotencyKey(key): IdempotencyKey,
    Body(PostMessage { body }): Body<PostMessage>,
) -> Answer<Reply<Message>> {
    let send = move |draft: &mut Draft<'_>| messages::send(draft, actor, room, None, &body, key.as_deref());
    let sent = app.store.write(&correlation, send).await?;
    Ok(Reply::created(sent).version(|message| message.version))
}

async fn read(
    State(app): State<App>,
    Caller(actor): Caller,
    Ids(room, message): Ids<RoomId, MessageId>,
) -> Answer<Reply<Message>> {
    let found = app.store.read(move |view| messages::get(view, actor, room, message)).await?;
    Ok(Reply::ok(found).version(|message| message.version))
}

async fn edit(
    State(app): State<App>,
    Caller(actor): Caller,
    Correlation(correlation): Correlation,
    Ids(room, message): Ids<RoomId, MessageId>,
    IfMatch(expected): IfMatch,
    IdempotencyKey(key): IdempotencyKey,
    Body(EditMessage { body }): Body<EditMessage>,
) -> Answer<Reply<Message>> {
    let edit =
        move |draft: &mut Draft<'_>| messages::edit(draft, actor, (room, message), &body, &expected, key.as_deref());
    let edited = app.store.write(&correlation, edit).await?;
    Ok(Reply::done(edited.map(|changed| changed.object)).version(|message| message.version))
}

async fn delete(
    State(app): State<App>,
    Caller(actor): Caller,
    Correlation(correlation): Correlation,
    Ids(room, message): Ids<RoomId, MessageId>,
    IfMatch(expected): IfMatch,
    IdempotencyKey(key): IdempotencyKey,
) -> Answer<Reply<Message>> {
    let delete =
        move |draft: &mut Draft<'_>| messages::delete(draft, actor, (room, message), &expected, key.as_deref());
    let deleted = app.store.write(&correlation, delete).await?;
    Ok(Reply::done(deleted.map(|changed| changed.object)).version(|message| message.version))
}
