//! Who may do what (PROTOCOL.md, "Roles" and promise 6; `Role`, `Visibility`).

use system::protocol::{ErrorCode, Member, Role, RoomId, StreamId, User, UserId, Visibility};

use super::super::state::{RoomState, State};
use super::Actor;

/// The acting user, if they and their login are still good.
pub(super) fn acting(state: &State, actor: Actor) -> Result<&User, ErrorCode> {
    let ended = actor.session.is_some_and(|session| state.revoked.contains(&session));
    let user = state.users.get(&actor.user).filter(|user| user.active && !ended);
    user.ok_or(ErrorCode::SessionRevoked)
}

/// A room that a user may know of: they are in it, it is public and they are no guest, or they manage all rooms.
pub(super) fn visible<'s>(state: &'s State, user: &User, room: RoomId) -> Result<&'s RoomState, ErrorCode> {
    let found = state.rooms.get(&room).ok_or(ErrorCode::NotFound)?;
    let open = found.room.visibility == Visibility::Public && user.role >= Role::Member;
    let knows = user.role >= Role::Admin || open || found.members.contains_key(&user.id);
    if knows { Ok(found) } else { Err(ErrorCode::NotFound) }
}

/// A room whose messages a user may read: its members, and the company's owners.
pub(super) fn readable<'s>(state: &'s State, user: &User, room: RoomId) -> Result<&'s RoomState, ErrorCode> {
    let found = visible(state, user, room)?;
    let reads = user.role == Role::Owner || found.members.contains_key(&user.id);
    if reads { Ok(found) } else { Err(ErrorCode::Forbidden) }
}

/// A room that a user may write to: its members, while it is not archived.
pub(super) fn writable<'s>(state: &'s State, user: &User, room: RoomId) -> Result<&'s RoomState, ErrorCode> {
    let (found, _) = joined(state, user, room)?;
    if found.room.archived_at.is_some() { Err(ErrorCode::RoomArchived) } else { Ok(found) }
}

/// A room that a user is in, archived or not.
pub(super) fn joined<'s>(
    state: &'s State,
    user: &User,
    room: RoomId,
) -> Result<(&'s RoomState, &'s Member), ErrorCode> {
    let found = visible(state, user, room)?;
    let member = found.members.get(&user.id).ok_or(ErrorCode::Forbidden)?;
    Ok((found, member))
}

/// Whether a user renames a room and manages its members: members that are no guests, and admins.
pub(super) fn manages(user: &User, room: &RoomState) -> bool {
    user.role >= Role::Admin || (user.role >= Role::Member && room.members.contains_key(&user.id))
}

/// Whether a user decides who sees a room, whether it is in use, and its end: admins, and its creator while they manage
/// it.
pub(super) fn governs(user: &User, room: &RoomState) -> bool {
    user.role >= Role::Admin || (room.room.created_by == user.id && manages(user, room))
}

/// Whether a user may read a stream over REST: what they may follow, and for owners everything.
pub(super) fn may_read(state: &State, user: &User, stream: StreamId) -> bool {
    if user.role == Role::Owner {
        return match stream {
            StreamId::Company(company) => company == user.company,
            StreamId::Room(room) => state.rooms.contains_key(&room),
            StreamId::User(user) => state.users.contains_key(&user),
        };
    }
    match stream {
        StreamId::Company(company) => company == user.company && user.role >= Role::Member,
        StreamId::Room(room) => state.rooms.get(&room).is_some_and(|room| room.members.contains_key(&user.id)),
        StreamId::User(owner) => owner == user.id,
    }
}

/// A user of the company whom an admin wants to touch, and may: nobody touches who ranks above them.
pub(super) fn touched<'s>(state: &'s State, caller: &User, user: UserId) -> Result<&'s User, ErrorCode> {
    require(caller.role >= Role::Admin)?;
    let found = state.users.get(&user).ok_or(ErrorCode::NotFound)?;
    require(caller.role >= found.role)?;
    Ok(found)
}

/// Refused as forbidden, unless it is allowed.
pub(super) fn require(allowed: bool) -> Result<(), ErrorCode> {
    if allowed { Ok(()) } else { Err(ErrorCode::Forbidden) }
}
