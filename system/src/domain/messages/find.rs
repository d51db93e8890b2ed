//! Reading messages: one, a page, the newest.

use crate::domain::paging::before;
use crate::domain::rights::{acting, readable_room};
use crate::protocol::{Message, MessageId, Page, RoomId};
use crate::refusal::{Answer, Refusal};
use crate::store::key::{MessageKey, MessagePlaceKey, RoomMessages};
use crate::store::{Actor, View};

/// One message as it is now; a deleted one as its tombstone.
///
/// # Errors
/// [`NotFound`](crate::protocol::ErrorCode::NotFound), [`Forbidden`](crate::protocol::ErrorCode::Forbidden).
pub fn get(view: &View<'_>, actor: Actor, room: RoomId, id: MessageId) -> Answer<Message> {
    let caller = acting(view, actor)?;
    readable_room(view, &caller, room)?;
    find(view, room, id)
}

/// A page of a room's messages, replies among them, oldest first; the last page when there is no cursor. `next` leads
/// to older ones.
///
/// # Errors
/// [`NotFound`](crate::protocol::ErrorCode::NotFound), [`Forbidden`](crate::protocol::ErrorCode::Forbidden),
/// a cursor that is none.
pub fn list(view: &View<'_>, actor: Actor, room: RoomId, cursor: Option<&str>, limit: usize) -> Answer<Page<Message>> {
    let caller = acting(view, actor)?;
    readable_room(view, &caller, room)?;
    let (items, earlier) = newest(view, room, before(cursor)?, limit)?;
    let next = items.first().filter(|_| earlier).map(|message| message.seq.to_string());
    Ok(Page { items, next })
}

/// A message of a room, rights having been checked.
pub(in crate::domain) fn find(view: &View<'_>, room: RoomId, id: MessageId) -> Answer<Message> {
    let missing = || Refusal::not_found("message");
    let seq = view.get(&MessagePlaceKey(room, id))?.ok_or_else(missing)?;
    view.get(&MessageKey(room, seq))?.ok_or_else(missing)
}

/// The newest `limit` messages before a position, oldest first, and whether there are older ones.
pub(in crate::domain) fn newest(
    view: &View<'_>,
    room: RoomId,
    before: u64,
    limit: usize,
) -> Answer<(Vec<Message>, bool)> {
    let mut messages = view.last_up_to(&RoomMessages(room), &MessageKey(room, before), limit.saturating_add(1))?;
    let earlier = messages.len() > limit;
    if earlier {
        messages.remove(0);
    }
    Ok((messages, earlier))
}
