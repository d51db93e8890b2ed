//! Messages: send and list.

use super::bounds::Bounds;
use super::rights::{acting, readable_room, writable_room};
use crate::protocol::{EventBody, Message, MessageId, Page, RoomId, StreamId};
use crate::refusal::{Answer, Once, Refusal};
use crate::store::key::{MessageKey, RoomMessages};
use crate::store::{Actor, Draft, View};

/// Says something in a room.
///
/// # Errors
/// [`NotFound`](crate::protocol::ErrorCode::NotFound) or
/// [`Forbidden`](crate::protocol::ErrorCode::Forbidden) for who is not in the room; bounds;
/// [`IdempotencyKeyReused`](crate::protocol::ErrorCode::IdempotencyKeyReused).
pub fn send(draft: &mut Draft<'_>, actor: Actor, room: RoomId, body: &str, key: Option<&str>) -> Once<Message> {
    let caller = acting(draft.view(), actor)?;
    let mut bounds = Bounds::default().body("body", body);
    if let Some(key) = key {
        bounds = bounds.key("idempotency_key", key);
    }
    bounds.check()?;
    // A repeat is answered even after its author has left the room: it tells what was done when they were in it.
    let sent = draft.once(actor.user.0, "messages.create", key, &(room, body), |draft| {
        writable_room(draft.view(), &caller, room)?;
        let id = MessageId(draft.new_uuid());
        let created_at = draft.now();
        let stream = StreamId::Room(room);
        let mut created = None;
        draft.append(stream, caller.id, |seq| {
            let (author, body) = (caller.id, body.to_owned());
            let message = Message { id, room, author, body, seq, created_at, feed: None };
            created = Some(message.clone());
            EventBody::MessageCreated(message)
        })?;
        let message = created.expect("append has called back");
        draft.put(&MessageKey(room, message.seq), &message);
        Ok::<_, Refusal>(message)
    })?;
    Ok(sent)
}

/// A page of a room's messages, oldest first; the last page when there is no cursor. `next` leads to older ones.
///
/// # Errors
/// [`NotFound`](crate::protocol::ErrorCode::NotFound), [`Forbidden`](crate::protocol::ErrorCode::Forbidden),
/// a cursor that is none.
pub fn list(view: &View<'_>, actor: Actor, room: RoomId, cursor: Option<&str>, limit: usize) -> Answer<Page<Message>> {
    let caller = acting(view, actor)?;
    readable_room(view, &caller, room)?;
    let before = match cursor {
        None => u64::MAX,
        Some(text) => text.parse().map_err(|_| Refusal::field("cursor", "must be the `next` of an earlier page"))?,
    };
    let (items, earlier) = newest(view, room, before, limit)?;
    let next = items.first().filter(|_| earlier).map(|message| message.seq.to_string());
    Ok(Page { items, next })
}

/// The newest `limit` messages before a position, oldest first, and whether there are older ones.
pub(super) fn newest(view: &View<'_>, room: RoomId, before: u64, limit: usize) -> Answer<(Vec<Message>, bool)> {
    let mut messages = view.last_up_to(&RoomMessages(room), &MessageKey(room, before), limit.saturating_add(1))?;
    let earlier = messages.len() > limit;
    if earlier {
        messages.remove(0);
    }
    Ok((messages, earlier))
}
