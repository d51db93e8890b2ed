//! `/rooms/{id}/messages`: post, list, search. `/rooms/{id}/messages/{message}`: get, edit, delete.

use std::num::NonZero;

use axum::extract::State;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::app::App;
use crate::domain::messages::{self, SearchLimits};
use crate::http::{Body, Caller, Correlation, Id, IdempotencyKey, Ids, IfMatch, Params, Reply, page_limit};
use crate::protocol::{EditMessage, ErrorCode, Message, MessageId, Page, PostMessage, RoomId, bound};
use crate::refusal::Answer;
use crate::schema::{self, Routes, get, patch, post};
use crate::store::{Draft, View};

pub(super) fn routes() -> Routes {
    const ALL: &str = "/rooms/{id}/messages";
    const ONE: &str = "/rooms/{id}/messages/{message}";
    const WRITE: &[ErrorCode] = &[ErrorCode::Forbidden, ErrorCode::RoomArchived];
    const CHANGE: &[ErrorCode] = &[ErrorCode::Forbidden, ErrorCode::RoomArchived, ErrorCode::MessageDeleted];
    let list = get(ALL, list, "Messages of a room, oldest first: the newest page, `next` leads to older ones.")
        .refuses(&[ErrorCode::Forbidden, ErrorCode::InvalidValue]);
    let create = post(ALL, create, "Says something in a room.").created().refuses(WRITE);
    let read = get(ONE, read, "One message.").refuses(&[ErrorCode::Forbidden]);
    let edit = patch(ONE, edit, "Changes the text of one's own message.").refuses(CHANGE);
    let delete = schema::delete(ONE, delete, "Deletes a message: a tombstone stays in its place.").refuses(CHANGE);
    Routes::new().with(list).with(create).with(read).with(edit).with(delete).of("messages")
}

/// Which page, and of what: with `query`, of the messages that hold it.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Paging {
    /// What a message must hold.
    #[schemars(with = "Option<bound::Query>")]
    query: Option<String>,
    /// The `next` of an earlier page; absent: the newest page.
    cursor: Option<String>,
    /// How many at most; absent: as many as the server ever gives.
    #[schemars(with = "Option<NonZero<usize>>")]
    limit: Option<String>,
}

async fn list(
    State(app): State<App>,
    Caller(actor): Caller,
    Id(room): Id<RoomId>,
    Params(paging): Params<Paging>,
) -> Answer<Reply<Page<Message>>> {
    let limit = page_limit(&app, paging.limit.as_deref())?;
    let limits = SearchLimits { found: limit, looked_at: app.config.http.search_messages };
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
