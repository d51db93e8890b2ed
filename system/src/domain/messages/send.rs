//! Saying something, in a room or in a thread of it.

use serde::{Deserialize, Serialize};

use crate::domain::bounds::Bounds;
use crate::domain::rights::{acting, writable_room};
use crate::domain::{threads, unread};
use crate::protocol::{
    EventBody, FeedSource, Message, MessageId, RoomId, StreamId, Thread, ThreadId, Timestamp, UserId,
};
use crate::refusal::{Answer, Once, Refusal};
use crate::store::key::{MessageKey, MessagePlaceKey};
use crate::store::{Actor, Draft};

/// Says something in a room, or replies in a thread of it: also below a root that was deleted.
///
/// # Errors
/// [`NotFound`](crate::protocol::ErrorCode::NotFound) or
/// [`Forbidden`](crate::protocol::ErrorCode::Forbidden) for who is not in the room; bounds;
/// [`IdempotencyKeyReused`](crate::protocol::ErrorCode::IdempotencyKeyReused).
pub fn send(
    draft: &mut Draft<'_>,
    actor: Actor,
    room: RoomId,
    thread: Option<ThreadId>,
    body: &str,
    key: Option<&str>,
) -> Once<Message> {
    let caller = acting(draft.view(), actor)?;
    let mut bounds = Bounds::default().body("body", body);
    if let Some(key) = key {
        bounds = bounds.key("idempotency_key", key);
    }
    bounds.check()?;
    // A repeat is answered even after its author has left the room: it tells what was done when they were in it.
    let sent = draft.once(actor.user.0, "messages.create", key, &(room, thread, body), |draft| {
        writable_room(draft.view(), &caller, room)?;
        let thread = thread.map(|thread| threads::find(draft.view(), room, thread)).transpose()?;
        let Message { id, seq, created_at, .. } = say(draft, caller.id, room, thread, body, None)?;
        Ok::<_, Refusal>(Said { id, seq, created_at })
    })?;
    let author = caller.id;
    Ok(sent.map(|Said { id, seq, created_at }| Message { seq, ..draft_of(id, room, thread, author, body, created_at) }))
}

/// What is kept under an idempotency key: all of the first answer that a repeat does not say itself.
#[derive(Serialize, Deserialize)]
struct Said {
    id: MessageId,
    seq: u64,
    created_at: Timestamp,
}

/// A message that nobody has changed, without its place.
fn draft_of(
    id: MessageId,
    room: RoomId,
    thread: Option<ThreadId>,
    author: UserId,
    body: &str,
    created_at: Timestamp,
) -> Message {
    Message {
        id,
        room,
        thread,
        author,
        body: body.to_owned(),
        seq: 0,
        version: 1,
        created_at,
        edited_at: None,
        deleted_at: None,
        feed: None,
    }
}

/// Puts a message into a room, rights and bounds having been checked; a reply's thread and its followers hear of it.
/// `feed`: the line that it is of, where nobody wrote it here.
pub(in crate::domain) fn say(
    draft: &mut Draft<'_>,
    author: UserId,
    room: RoomId,
    thread: Option<Thread>,
    body: &str,
    feed: Option<Box<FeedSource>>,
) -> Answer<Message> {
    let (id, thread_id) = (MessageId(draft.new_uuid()), thread.as_ref().map(|thread| thread.id));
    let mut message = Message { feed, ..draft_of(id, room, thread_id, author, body, draft.now()) };
    draft.append(StreamId::Room(room), author, |seq| {
        message.seq = seq;
        EventBody::MessageCreated(message.clone())
    })?;
    draft.put(&MessageKey(room, message.seq), &message);
    draft.put(&MessagePlaceKey(room, message.id), &message.seq);
    unread::appeared(draft, &message)?;
    if let Some(thread) = thread {
        threads::replied(draft, thread, &message)?;
    }
    Ok::<_, Refusal>(message)
}
