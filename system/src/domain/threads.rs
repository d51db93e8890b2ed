//! Threads: replies below a message. They are flat, and a message has at most one.
//!
//! A reply is a message of the room like any other, with its thread's name on it. Who wrote the root, who opened the
//! thread and who replied follow it: each of them who is still in the room is told of each reply of somebody else's, on
//! their own stream (REQUIREMENTS.md IT-13).

use serde::{Deserialize, Serialize};

use super::bounds::Bounds;
use super::messages;
use super::paging::before;
use super::rights::{acting, is_member, readable_room, writable_room};
use crate::protocol::{
    ErrorCode, EventBody, LastReply, Message, MessageId, Page, RoomId, StreamId, Thread, ThreadId, ThreadReplied,
    UserId,
};
use crate::refusal::{Answer, Once, Refusal};
use crate::store::key::{
    MessageKey, ReplyKey, RoomThreads, RootThreadKey, ThreadFollowerKey, ThreadFollowers, ThreadKey, ThreadPlaceKey,
    ThreadReplies,
};
use crate::store::{Actor, Draft, View};

/// A thread that somebody wanted to be open.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Opened {
    /// The thread.
    pub thread: Thread,
    /// It was not there before.
    pub now: bool,
}

/// Opens the thread of a message. One that is open already is given as it is.
///
/// # Errors
/// [`ErrorCode::NotFound`]; [`ErrorCode::Forbidden`] for who is not in the room; [`ErrorCode::NestedThread`] on a reply;
/// [`ErrorCode::MessageDeleted`]; [`ErrorCode::IdempotencyKeyReused`].
pub fn open(draft: &mut Draft<'_>, actor: Actor, room: RoomId, root: MessageId, key: Option<&str>) -> Once<Opened> {
    let caller = acting(draft.view(), actor)?;
    if let Some(key) = key {
        Bounds::default().key("idempotency_key", key).check()?;
    }
    let opened = draft.once(actor.user.0, "threads.open", key, &(room, root), |draft| {
        writable_room(draft.view(), &caller, room)?;
        let message = messages::find(draft.view(), room, root)?;
        if message.thread.is_some() {
            return Err(Refusal::new(
                ErrorCode::NestedThread,
                "the message is a reply: reply in its own thread instead",
            ));
        }
        if let Some(seq) = draft.get(&RootThreadKey(room, root))? {
            let thread = draft.get(&ThreadKey(room, seq))?.ok_or_else(|| Refusal::not_found("thread"))?;
            return Ok(Opened { thread, now: false });
        }
        if message.deleted_at.is_some() {
            return Err(Refusal::new(ErrorCode::MessageDeleted, "no thread is opened on a deleted message"));
        }
        let mut thread = Thread {
            id: ThreadId(draft.new_uuid()),
            room,
            root,
            opened_by: caller.id,
            opened_at: draft.now(),
            seq: 0,
            replies: 0,
            last_reply: None,
        };
        draft.append(StreamId::Room(room), caller.id, |seq| {
            thread.seq = seq;
            EventBody::ThreadOpened(thread.clone())
        })?;
        draft.put(&ThreadKey(room, thread.seq), &thread);
        draft.put(&ThreadPlaceKey(room, thread.id), &thread.seq);
        draft.put(&RootThreadKey(room, root), &thread.seq);
        for follower in [message.author, caller.id] {
            draft.put(&ThreadFollowerKey(room, thread.id, follower), &follower);
        }
        Ok(Opened { thread, now: true })
    })?;
    Ok(opened)
}

/// One thread.
///
/// # Errors
/// [`ErrorCode::NotFound`], [`ErrorCode::Forbidden`].
pub fn get(view: &View<'_>, actor: Actor, room: RoomId, id: ThreadId) -> Answer<Thread> {
    let caller = acting(view, actor)?;
    readable_room(view, &caller, room)?;
    find(view, room, id)
}

/// A page of a room's threads in the order of their opening, oldest first; the last page when there is no cursor.
/// `next` leads to older ones.
///
/// # Errors
/// [`ErrorCode::NotFound`], [`ErrorCode::Forbidden`], a cursor that is none.
pub fn list(view: &View<'_>, actor: Actor, room: RoomId, cursor: Option<&str>, limit: usize) -> Answer<Page<Thread>> {
    let caller = acting(view, actor)?;
    readable_room(view, &caller, room)?;
    let (items, earlier) = newest(view, room, before(cursor)?, limit)?;
    let next = items.first().filter(|_| earlier).map(|thread| thread.seq.to_string());
    Ok(Page { items, next })
}

/// A page of a thread's replies, oldest first; the last page when there is no cursor. `next` leads to older ones.
///
/// # Errors
/// [`ErrorCode::NotFound`], [`ErrorCode::Forbidden`], a cursor that is none.
pub fn replies(
    view: &View<'_>,
    actor: Actor,
    (room, id): (RoomId, ThreadId),
    cursor: Option<&str>,
    limit: usize,
) -> Answer<Page<Message>> {
    let caller = acting(view, actor)?;
    readable_room(view, &caller, room)?;
    let thread = find(view, room, id)?;
    let end = ReplyKey(room, thread.id, before(cursor)?);
    let mut places = view.last_up_to(&ThreadReplies(room, thread.id), &end, limit.saturating_add(1))?;
    let earlier = places.len() > limit;
    if earlier {
        places.remove(0);
    }
    let next = places.first().filter(|_| earlier).map(u64::to_string);
    let mut items = Vec::new();
    for seq in places {
        items.extend(view.get(&MessageKey(room, seq))?);
    }
    Ok(Page { items, next })
}

/// A thread of a room, rights having been checked.
pub(super) fn find(view: &View<'_>, room: RoomId, id: ThreadId) -> Answer<Thread> {
    let missing = || Refusal::not_found("thread");
    let seq = view.get(&ThreadPlaceKey(room, id))?.ok_or_else(missing)?;
    view.get(&ThreadKey(room, seq))?.ok_or_else(missing)
}

/// The `limit` threads opened last before a position, oldest first, and whether there are older ones.
pub(super) fn newest(view: &View<'_>, room: RoomId, before: u64, limit: usize) -> Answer<(Vec<Thread>, bool)> {
    let mut threads = view.last_up_to(&RoomThreads(room), &ThreadKey(room, before), limit.saturating_add(1))?;
    let earlier = threads.len() > limit;
    if earlier {
        threads.remove(0);
    }
    Ok((threads, earlier))
}

/// A reply is there: the thread says so in the room, and its followers hear of it. Its author follows from now on.
pub(super) fn replied(draft: &mut Draft<'_>, mut thread: Thread, reply: &Message) -> Answer<()> {
    let Message { id: message, room, author, seq, created_at, .. } = *reply;
    thread.replies += 1;
    thread.last_reply = Some(LastReply { message, author, seq, created_at });
    draft.put(&ReplyKey(room, thread.id, seq), &seq);
    draft.put(&ThreadFollowerKey(room, thread.id, author), &author);
    update(draft, author, &thread)?;
    let replied = ThreadReplied { thread: thread.id, room, message };
    for follower in draft.view().list(&ThreadFollowers(room, thread.id))? {
        if follower != author && is_member(draft.view(), room, follower)? {
            draft.append(StreamId::User(follower), author, |_| EventBody::ThreadReplied(replied))?;
        }
    }
    Ok(())
}

/// A reply was deleted: the thread has one less.
pub(super) fn reply_deleted(draft: &mut Draft<'_>, by: UserId, room: RoomId, thread: ThreadId) -> Answer<()> {
    let mut thread = find(draft.view(), room, thread)?;
    thread.replies = thread.replies.saturating_sub(1);
    update(draft, by, &thread)
}

fn update(draft: &mut Draft<'_>, by: UserId, thread: &Thread) -> Answer<()> {
    draft.put(&ThreadKey(thread.room, thread.seq), thread);
    draft.append(StreamId::Room(thread.room), by, |_| EventBody::ThreadUpdated(thread.clone()))?;
    Ok(())
}
