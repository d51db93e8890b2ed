//! Read markers: how far a user has read each room that they are in, on all of their devices.
//!
//! A marker only grows. It belongs to the membership: what was said before somebody joined is history and never unread,
//! and leaving takes the marker away. The number of unread messages is not kept but counted (`unread.rs`).

use super::rights::{acting, joined_room};
use super::{Changed, unread};
use crate::protocol::{EventBody, Member, ReadMarker, ReadPosition, RoomId, StreamId, UserId};
use crate::refusal::{Answer, Refusal};
use crate::store::key::{MemberKey, ReadKey, UserReads};
use crate::store::{Actor, Draft, View};

/// Everything up to `seq` is read. A position before the marker changes nothing.
///
/// # Errors
/// [`NotFound`](crate::protocol::ErrorCode::NotFound) or [`Forbidden`](crate::protocol::ErrorCode::Forbidden) for who is
/// not in the room; a position that the room has not reached.
pub fn mark(draft: &mut Draft<'_>, actor: Actor, room: RoomId, seq: u64) -> Answer<Changed<ReadMarker>> {
    let caller = acting(draft.view(), actor)?;
    let member = joined_room(draft.view(), &caller, room)?;
    let head = draft.view().head(StreamId::Room(room))?.map_or(0, |head| head.seq);
    if seq > head {
        return Err(Refusal::field("seq", format!("must be at most {head}, the newest position of the room")));
    }
    let own = StreamId::User(caller.id);
    let marker = marker(draft.view(), &member)?;
    if seq <= marker.seq {
        return Changed::not_at_all(draft.view(), own, marker);
    }
    let unread = unread::of_others_after(draft.view(), room, caller.id, seq)?;
    let marker = ReadMarker { room, seq, unread };
    draft.put(&ReadKey(caller.id, room), &ReadPosition { room, seq });
    let seq = draft.append(own, caller.id, |_| EventBody::ReadUpdated(marker))?;
    Ok(Changed { object: marker, seq })
}

/// How far the caller has read a room.
///
/// # Errors
/// [`NotFound`](crate::protocol::ErrorCode::NotFound) or [`Forbidden`](crate::protocol::ErrorCode::Forbidden) for who is
/// not in the room.
pub fn get(view: &View<'_>, actor: Actor, room: RoomId) -> Answer<ReadMarker> {
    let caller = acting(view, actor)?;
    marker(view, &joined_room(view, &caller, room)?)
}

/// How far a user has read a room, if they are in it.
pub(super) fn of_member(view: &View<'_>, room: RoomId, user: UserId) -> Answer<Option<ReadMarker>> {
    view.get(&MemberKey(room, user))?.map(|member| marker(view, &member)).transpose()
}

/// How far a user has read each room that they marked as read, by room.
pub(super) fn all(view: &View<'_>, user: UserId) -> Answer<Vec<ReadPosition>> {
    Ok(view.list(&UserReads(user))?)
}

/// A user is no longer in a room.
pub(super) fn forget(draft: &mut Draft<'_>, room: RoomId, user: UserId) {
    draft.delete(&ReadKey(user, room));
}

fn marker(view: &View<'_>, member: &Member) -> Answer<ReadMarker> {
    let (room, user) = (member.room, member.user);
    let seq = view.get(&ReadKey(user, room))?.map_or(member.seq, |read| read.seq);
    Ok(ReadMarker { room, seq, unread: unread::of_others_after(view, room, user, seq)? })
}
