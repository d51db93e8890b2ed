//! Members of a room: list, add and join, remove and leave.

use super::paging::Paging;
use super::reads;
use super::rights::{acting, is_member, manages, require_in_use, visible_room};
use crate::protocol::{
    EventBody, Member, MemberRemoved, Page, Role, Room, RoomId, RoomLeft, StreamId, UserId, Visibility,
};
use crate::refusal::{Answer, Refusal};
use crate::store::key::{MemberKey, RoomMembers, UserKey, UserRoomKey};
use crate::store::{Actor, Draft, View};

/// A page of the members of a room, by user.
///
/// # Errors
/// [`ErrorCode::NotFound`](crate::protocol::ErrorCode::NotFound) for who may not know of the room; a cursor that is
/// none.
pub fn list(view: &View<'_>, actor: Actor, room: RoomId, paging: &Paging) -> Answer<Page<Member>> {
    let caller = acting(view, actor)?;
    visible_room(view, &caller, room)?;
    let key = |user| MemberKey(room, UserId(user));
    paging.page(view, &RoomMembers(room), key, |member| member.user.0, |member| Ok(Some(member)))
}

/// Adds a user to a room; oneself: joins it. Adding a member again changes nothing.
///
/// # Errors
/// [`ErrorCode::Forbidden`](crate::protocol::ErrorCode::Forbidden): only members of the room that are no guests, and admins, add others; only public rooms
/// are joined. [`ErrorCode::NotFound`](crate::protocol::ErrorCode::NotFound) for the room or the user;
/// [`ErrorCode::RoomArchived`](crate::protocol::ErrorCode::RoomArchived).
pub fn add(draft: &mut Draft<'_>, actor: Actor, room: RoomId, user: UserId) -> Answer<Member> {
    let caller = acting(draft.view(), actor)?;
    let room = visible_room(draft.view(), &caller, room)?;
    let joins = user == caller.id && room.visibility == Visibility::Public && caller.role >= Role::Member;
    if !joins && !manages(draft.view(), &caller, &room)? {
        return Err(Refusal::forbidden("only members of the room that are no guests, and admins, add somebody"));
    }
    if let Some(member) = draft.get(&MemberKey(room.id, user))? {
        return Ok(member);
    }
    require_in_use(&room)?;
    draft
        .get(&UserKey(user))?
        .map(|record| record.user)
        .filter(|user| user.company == room.company && user.active)
        .ok_or_else(|| Refusal::not_found("user"))?;
    enter(draft, caller.id, &room, user)
}

/// Removes a user from a room, archived or not; oneself: leaves it. Removing somebody who is not in it changes nothing.
///
/// # Errors
/// [`ErrorCode::Forbidden`](crate::protocol::ErrorCode::Forbidden): only members of the room that are no guests, and admins, remove others.
/// [`ErrorCode::NotFound`](crate::protocol::ErrorCode::NotFound) for the room.
pub fn remove(draft: &mut Draft<'_>, actor: Actor, room: RoomId, user: UserId) -> Answer<()> {
    let caller = acting(draft.view(), actor)?;
    let room = visible_room(draft.view(), &caller, room)?;
    if user != caller.id && !manages(draft.view(), &caller, &room)? {
        return Err(Refusal::forbidden("only members of the room that are no guests, and admins, remove somebody"));
    }
    if !is_member(draft.view(), room.id, user)? {
        return Ok(());
    }
    take_out(draft, caller.id, room.id, user)
}

/// Takes a member out of a room, rights having been checked.
pub(super) fn take_out(draft: &mut Draft<'_>, by: UserId, room: RoomId, user: UserId) -> Answer<()> {
    draft.delete(&MemberKey(room, user));
    draft.delete(&UserRoomKey(user, room));
    reads::forget(draft, room, user);
    let removed = MemberRemoved { room, user, removed_by: by };
    draft.append(StreamId::Room(room), by, |_| EventBody::MemberRemoved(removed))?;
    draft.append(StreamId::User(user), by, |_| EventBody::RoomLeft(RoomLeft { room }))?;
    Ok(())
}

/// Puts a user into a room, rights having been checked.
pub(super) fn enter(draft: &mut Draft<'_>, by: UserId, room: &Room, user: UserId) -> Answer<Member> {
    let mut member = Member { room: room.id, user, added_by: by, added_at: draft.now(), seq: 0 };
    draft.append(StreamId::Room(room.id), by, |seq| {
        member.seq = seq;
        EventBody::MemberAdded(member.clone())
    })?;
    draft.put(&MemberKey(room.id, user), &member);
    draft.put(&UserRoomKey(user, room.id), &room.id);
    draft.append(StreamId::User(user), by, |_| EventBody::RoomJoined(room.clone()))?;
    Ok(member)
}
