//! Members of a room: add and join, remove and leave.

use super::reads;
use super::rights::{acting, is_member, visible_room};
use crate::protocol::{
    EventBody, Member, MemberRemoved, Role, Room, RoomId, RoomLeft, StreamId, User, UserId, Visibility,
};
use crate::refusal::{Answer, Refusal};
use crate::store::key::{MemberKey, UserKey, UserRoomKey};
use crate::store::{Actor, Draft};

/// Adds a user to a room; oneself: joins it. Adding a member again changes nothing.
///
/// # Errors
/// [`ErrorCode::Forbidden`](crate::protocol::ErrorCode::Forbidden): only members of the room that are no guests, and admins, add others; only public rooms
/// are joined. [`ErrorCode::NotFound`](crate::protocol::ErrorCode::NotFound) for the room or the user.
pub fn add(draft: &mut Draft<'_>, actor: Actor, room: RoomId, user: UserId) -> Answer<Member> {
    let caller = acting(draft.view(), actor)?;
    let room = visible_room(draft.view(), &caller, room)?;
    let joins = user == caller.id && room.visibility == Visibility::Public && caller.role >= Role::Member;
    if !joins && !manages(draft, &caller, &room)? {
        return Err(Refusal::forbidden("only members of the room that are no guests, and admins, add somebody"));
    }
    if let Some(member) = draft.get(&MemberKey(room.id, user))? {
        return Ok(member);
    }
    draft
        .get(&UserKey(user))?
        .map(|record| record.user)
        .filter(|user| user.company == room.company && user.active)
        .ok_or_else(|| Refusal::not_found("user"))?;
    enter(draft, caller.id, &room, user)
}

/// Removes a user from a room; oneself: leaves it. Removing somebody who is not in it changes nothing.
///
/// # Errors
/// [`ErrorCode::Forbidden`](crate::protocol::ErrorCode::Forbidden): only members of the room that are no guests, and admins, remove others.
/// [`ErrorCode::NotFound`](crate::protocol::ErrorCode::NotFound) for the room.
pub fn remove(draft: &mut Draft<'_>, actor: Actor, room: RoomId, user: UserId) -> Answer<()> {
    let caller = acting(draft.view(), actor)?;
    let room = visible_room(draft.view(), &caller, room)?;
    if user != caller.id && !manages(draft, &caller, &room)? {
        return Err(Refusal::forbidden("only members of the room that are no guests, and admins, remove somebody"));
    }
    if !is_member(draft.view(), room.id, user)? {
        return Ok(());
    }
    draft.delete(&MemberKey(room.id, user));
    draft.delete(&UserRoomKey(user, room.id));
    reads::forget(draft, room.id, user);
    let removed = MemberRemoved { room: room.id, user, removed_by: caller.id };
    draft.append(StreamId::Room(room.id), caller.id, |_| EventBody::MemberRemoved(removed))?;
    draft.append(StreamId::User(user), caller.id, |_| EventBody::RoomLeft(RoomLeft { room: room.id }))?;
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

fn manages(draft: &Draft<'_>, caller: &User, room: &Room) -> Answer<bool> {
    Ok(caller.role >= Role::Admin || (caller.role >= Role::Member && is_member(draft.view(), room.id, caller.id)?))
}
