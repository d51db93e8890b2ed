//! Editing and deleting a message. It keeps its place; each change is one version more, so that two devices that change
//! it at once find out (REQUIREMENTS.md CG-4).

use super::find;
use crate::domain::bounds::Bounds;
use crate::domain::rights::{acting, require_author, require_author_or_admin, writable_room};
use crate::domain::{Changed, Expected, threads, unread};
use crate::protocol::{ErrorCode, EventBody, Message, MessageId, RoomId, StreamId, UserId};
use crate::refusal::{Answer, Once, Refusal};
use crate::store::key::MessageKey;
use crate::store::{Actor, Draft};

/// Changes the text of one's own message. The text that it has changes nothing.
///
/// # Errors
/// [`ErrorCode::NotFound`]; [`ErrorCode::Forbidden`] for who is not its author or no longer in the room;
/// [`ErrorCode::MessageDeleted`]; [`ErrorCode::VersionConflict`]; bounds; [`ErrorCode::IdempotencyKeyReused`].
pub fn edit(
    draft: &mut Draft<'_>,
    actor: Actor,
    (room, id): (RoomId, MessageId),
    body: &str,
    expected: &Expected,
    key: Option<&str>,
) -> Once<Changed<Message>> {
    let caller = acting(draft.view(), actor)?;
    let mut bounds = Bounds::default().body("body", body);
    if let Some(key) = key {
        bounds = bounds.key("idempotency_key", key);
    }
    bounds.check()?;
    let edited = draft.once(actor.user.0, "messages.edit", key, &(room, id, body, expected), |draft| {
        writable_room(draft.view(), &caller, room)?;
        let message = find(draft.view(), room, id)?;
        require_author(&caller, &message)?;
        if message.deleted_at.is_some() {
            return Err(Refusal::new(ErrorCode::MessageDeleted, "a deleted message is not edited: send a new one"));
        }
        expected.check(message.version)?;
        if message.body == body {
            return Changed::not_at_all(draft.view(), StreamId::Room(room), message);
        }
        rewrite(draft, caller.id, Message { body: body.to_owned(), ..message })
    })?;
    Ok(edited)
}

/// Makes a message a tombstone: its place stays, its text goes. Deleting it again changes nothing.
///
/// The text goes from everything that shows the room as it is: lists, search, snapshots. The room's log is not one of
/// these: an event is a fact that is never changed (PROTOCOL.md, promise 1), so those who may read the log can still
/// read what was said.
///
/// # Errors
/// [`ErrorCode::NotFound`]; [`ErrorCode::Forbidden`] for who is neither its author nor an admin, or is not in the room;
/// [`ErrorCode::VersionConflict`]; [`ErrorCode::IdempotencyKeyReused`].
pub fn delete(
    draft: &mut Draft<'_>,
    actor: Actor,
    (room, id): (RoomId, MessageId),
    expected: &Expected,
    key: Option<&str>,
) -> Once<Changed<Message>> {
    let caller = acting(draft.view(), actor)?;
    if let Some(key) = key {
        Bounds::default().key("idempotency_key", key).check()?;
    }
    let deleted = draft.once(actor.user.0, "messages.delete", key, &(room, id, expected), |draft| {
        writable_room(draft.view(), &caller, room)?;
        let message = find(draft.view(), room, id)?;
        require_author_or_admin(&caller, &message)?;
        // Before the version is asked: whoever repeats a deletion names the version that it had before the first.
        if message.deleted_at.is_some() {
            return Changed::not_at_all(draft.view(), StreamId::Room(room), message);
        }
        expected.check(message.version)?;
        erase(draft, caller.id, message)
    })?;
    Ok(deleted)
}

/// Gives a message that has got another text its next version, rights and bounds having been checked.
pub(in crate::domain) fn rewrite(draft: &mut Draft<'_>, by: UserId, message: Message) -> Answer<Changed<Message>> {
    let edited = Message { version: message.version + 1, edited_at: Some(draft.now()), ..message };
    draft.put(&MessageKey(edited.room, edited.seq), &edited);
    let updated = EventBody::MessageUpdated(edited.clone());
    let seq = draft.append(StreamId::Room(edited.room), by, |_| updated)?;
    Ok(Changed { object: edited, seq })
}

/// Makes a living message a tombstone, rights having been checked.
pub(in crate::domain) fn erase(draft: &mut Draft<'_>, by: UserId, message: Message) -> Answer<Changed<Message>> {
    let version = message.version + 1;
    let deleted = Message { body: String::new(), version, deleted_at: Some(draft.now()), ..message };
    draft.put(&MessageKey(deleted.room, deleted.seq), &deleted);
    let event = EventBody::MessageDeleted(deleted.clone());
    let seq = draft.append(StreamId::Room(deleted.room), by, |_| event)?;
    unread::disappeared(draft, &deleted)?;
    if let Some(thread) = deleted.thread {
        threads::reply_deleted(draft, by, deleted.room, thread)?;
    }
    Ok(Changed { object: deleted, seq })
}
