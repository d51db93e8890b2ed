//! Messages: said, changed, deleted.

use system::protocol::{
    ErrorCode, EventBody, FeedSource, LastReply, Message, MessageId, Role, RoomId, StreamId, Thread, ThreadId,
    ThreadReplied, User,
};

use super::super::answer::Answer;
use super::super::state::State;
use super::super::wanted::Version;
use super::rights::{require, writable};
use super::{Decided, Drawn, Step};

/// What a message says, and the line of a conversation file that it is of.
type Said<'a> = (&'a str, Option<Box<FeedSource>>);

/// A member says something in a room that is in use. Of a reply its thread is told, and everybody else who follows the
/// thread and is still in the room.
pub(super) fn send(
    state: &State,
    caller: &User,
    room: RoomId,
    thread: Option<ThreadId>,
    (body, feed): Said<'_>,
    drawn: Drawn,
) -> Decided {
    let found = writable(state, caller, room)?;
    let replied = match thread {
        Some(thread) => Some(found.threads.get(&thread).ok_or(ErrorCode::NotFound)?),
        None => None,
    };
    let stream = StreamId::Room(room);
    let message = Message {
        id: MessageId(drawn.ids[0]),
        room,
        thread,
        author: caller.id,
        body: body.to_owned(),
        seq: state.head(stream) + 1,
        version: 1,
        created_at: drawn.now,
        edited_at: None,
        deleted_at: None,
        feed,
    };
    let mut events = vec![(stream, EventBody::MessageCreated(message.clone()))];
    if let Some(thread) = replied {
        let Message { id, author, seq, created_at, .. } = message;
        let last_reply = Some(LastReply { message: id, author, seq, created_at });
        let updated = Thread { replies: thread.replies + 1, last_reply, ..thread.clone() };
        events.push((stream, EventBody::ThreadUpdated(updated)));
        let told = EventBody::ThreadReplied(ThreadReplied { thread: thread.id, room, message: id });
        let followers = found.followers.get(&thread.id).into_iter().flatten();
        let hear = followers.filter(|user| **user != author && found.members.contains_key(*user));
        events.extend(hear.map(|user| (StreamId::User(*user), told.clone())));
    }
    Step::does(events, Answer::Message(message))
}

/// Its author changes the text of a message that is not deleted.
pub(super) fn edit(
    state: &State,
    caller: &User,
    (room, id): (RoomId, MessageId),
    (body, feed): Said<'_>,
    version: Version,
    drawn: Drawn,
) -> Decided {
    let message = writable(state, caller, room)?.message(id).ok_or(ErrorCode::NotFound)?;
    require(message.author == caller.id)?;
    if message.deleted_at.is_some() {
        return Err(ErrorCode::MessageDeleted);
    }
    if matches!(version, Version::Is(version) if version != message.version) {
        return Err(ErrorCode::VersionConflict);
    }
    let feed = feed.or_else(|| message.feed.clone());
    let changed = Message { body: body.to_owned(), feed, ..message.clone() };
    let stream = StreamId::Room(room);
    if changed == *message {
        return Step::same_in(stream, Answer::Message(changed));
    }
    let changed = Message { version: message.version + 1, edited_at: Some(drawn.now), ..changed };
    Step::does(vec![(stream, EventBody::MessageUpdated(changed.clone()))], Answer::Message(changed))
}

/// Its author, or an admin, makes a message a tombstone. Its thread has a reply less.
pub(super) fn delete(state: &State, caller: &User, room: RoomId, id: MessageId, drawn: Drawn) -> Decided {
    let found = writable(state, caller, room)?;
    let message = found.message(id).ok_or(ErrorCode::NotFound)?;
    require(message.author == caller.id || caller.role >= Role::Admin)?;
    let stream = StreamId::Room(room);
    if message.deleted_at.is_some() {
        return Step::same_in(stream, Answer::Message(message.clone()));
    }
    let version = message.version + 1;
    let deleted = Message { body: String::new(), version, deleted_at: Some(drawn.now), ..message.clone() };
    let mut events = vec![(stream, EventBody::MessageDeleted(deleted.clone()))];
    if let Some(thread) = deleted.thread.and_then(|thread| found.threads.get(&thread)) {
        let updated = Thread { replies: thread.replies.saturating_sub(1), ..thread.clone() };
        events.push((stream, EventBody::ThreadUpdated(updated)));
    }
    Step::does(events, Answer::Message(deleted))
}
