//! `/rooms/{id}/threads`: open and list. `/rooms/{id}/threads/{thread}`: get, and `/messages` below it: reply and list.

use axum::Router;
use axum::extract::State;
use axum::routing::get;
use serde::Deserialize;

use crate::app::App;
use crate::domain::{messages, threads};
use crate::http::{Body, Caller, Correlation, Id, IdempotencyKey, Ids, Params, Reply};
use crate::protocol::{Message, OpenThread, Page, PostMessage, RoomId, Thread, ThreadId};
use crate::refusal::Answer;
use crate::store::{Draft, View};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/rooms/{id}/threads", get(list).post(open))
        .route("/rooms/{id}/threads/{thread}", get(read))
        .route("/rooms/{id}/threads/{thread}/messages", get(replies).post(reply))
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
) -> Answer<Reply<Page<Thread>>> {
    let most = app.config.http.page_items;
    let limit = paging.limit.unwrap_or(most).clamp(1, most);
    app.store.read(move |view| threads::list(view, actor, room, paging.cursor.as_deref(), limit)).await.map(Reply::ok)
}

/// 201 for a new thread, 200 for the one that the message has already.
async fn open(
    State(app): State<App>,
    Caller(actor): Caller,
    Correlation(correlation): Correlation,
    Id(room): Id<RoomId>,
    IdempotencyKey(key): IdempotencyKey,
    Body(OpenThread { message }): Body<OpenThread>,
) -> Answer<Reply<Thread>> {
    let open = move |draft: &mut Draft<'_>| threads::open(draft, actor, room, message, key.as_deref());
    let opened = app.store.write(&correlation, open).await?;
    let now = opened.answer().now;
    let thread = opened.map(|opened| opened.thread);
    Ok(if now { Reply::created(thread) } else { Reply::done(thread) })
}

async fn read(
    State(app): State<App>,
    Caller(actor): Caller,
    Ids(room, thread): Ids<RoomId, ThreadId>,
) -> Answer<Reply<Thread>> {
    app.store.read(move |view| threads::get(view, actor, room, thread)).await.map(Reply::ok)
}

async fn replies(
    State(app): State<App>,
    Caller(actor): Caller,
    Ids(room, thread): Ids<RoomId, ThreadId>,
    Params(paging): Params<Paging>,
) -> Answer<Reply<Page<Message>>> {
    let most = app.config.http.page_items;
    let limit = paging.limit.unwrap_or(most).clamp(1, most);
    let read = move |view: &View<'_>| threads::replies(view, actor, (room, thread), paging.cursor.as_deref(), limit);
    app.store.read(read).await.map(Reply::ok)
}

async fn reply(
    State(app): State<App>,
    Caller(actor): Caller,
    Correlation(correlation): Correlation,
    Ids(room, thread): Ids<RoomId, ThreadId>,
    IdempotencyKey(key): IdempotencyKey,
    Body(PostMessage { body }): Body<PostMessage>,
) -> Answer<Reply<Message>> {
    let send = move |draft: &mut Draft<'_>| messages::send(draft, actor, room, Some(thread), &body, key.as_deref());
    let sent = app.store.write(&correlation, send).await?;
    Ok(Reply::created(sent).version(|message| message.version))
}
