//! `/rooms/{id}/threads`: open and list. `/rooms/{id}/threads/{thread}`: get, and `/messages` below it: reply and list.

use axum::extract::State;
use http::StatusCode;

use crate::app::App;
use crate::domain::{messages, threads};
use crate::http::{Body, Caller, Correlation, Id, IdempotencyKey, Ids, Paged, Reply};
use crate::protocol::{ErrorCode, Message, OpenThread, Page, PostMessage, RoomId, Thread, ThreadId};
use crate::refusal::Answer;
use crate::schema::{Routes, get, post};
use crate::store::{Draft, View};

pub(super) fn routes() -> Routes {
    const ALL: &str = "/rooms/{id}/threads";
    const REPLIES: &str = "/rooms/{id}/threads/{thread}/messages";
    const READ: &[ErrorCode] = &[ErrorCode::Forbidden, ErrorCode::InvalidValue];
    let list = get(ALL, list, "The threads of a room.").refuses(READ);
    let open = post(ALL, open, "Opens the thread of a message; 200 if it has one already.")
        .answers(&[StatusCode::CREATED, StatusCode::OK])
        .refuses(&[ErrorCode::Forbidden, ErrorCode::RoomArchived, ErrorCode::MessageDeleted, ErrorCode::NestedThread]);
    let read = get("/rooms/{id}/threads/{thread}", read, "One thread.").refuses(&[ErrorCode::Forbidden]);
    let replies = get(REPLIES, replies, "The replies in a thread, oldest first.").refuses(READ);
    let reply = post(REPLIES, reply, "Replies in a thread.")
        .created()
        .refuses(&[ErrorCode::Forbidden, ErrorCode::RoomArchived]);
    Routes::new().with(list).with(open).with(read).with(replies).with(reply).of("threads")
}

async fn list(
    State(app): State<App>,
    Caller(actor): Caller,
    Id(room): Id<RoomId>,
    Paged(paging): Paged,
) -> Answer<Reply<Page<Thread>>> {
    app.store
        .read(move |view| threads::list(view, actor, room, paging.cursor.as_deref(), paging.limit))
        .await
        .map(Reply::ok)
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
    Paged(paging): Paged,
) -> Answer<Reply<Page<Message>>> {
    let read =
        move |view: &View<'_>| threads::replies(view, actor, (room, thread), paging.cursor.as_deref(), paging.limit);
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
