//! Rooms and who is in them, from both sides.

use super::look::{Checked, Look};
use crate::protocol::{CompanyId, StreamId, UserId};
use crate::store::key::{CompanyKey, CompanyRoomKey, MemberKey, ReadKey, RoomKey, StreamKey, UserKey, UserRoomKey};

/// A room is of a company that is there and lists it, and has its stream.
pub(super) fn room(look: &mut Look<'_>) -> Checked {
    let Some(room) = look.read::<RoomKey>() else { return Ok(()) };
    look.lies_at(&RoomKey(room.id));
    look.needs(&CompanyKey(room.company), "is of a company that is not there")?;
    look.needs(&CompanyRoomKey(room.company, room.id), "is not listed by the company")?;
    look.needs(&StreamKey(StreamId::Room(room.id)), "has no stream")
}

/// A company lists its own rooms.
pub(super) fn company_room(look: &mut Look<'_>) -> Checked {
    let Some(room) = look.read::<CompanyRoomKey>() else { return Ok(()) };
    let company = CompanyId(look.id_at(1));
    look.lies_at(&CompanyRoomKey(company, room));
    let found = look.other(&RoomKey(room))?.map(|room| room.company);
    look.require(found == Some(company), "lists a room that is not of it");
    Ok(())
}

/// A member is a user of the room's company who knows of it.
pub(super) fn member(look: &mut Look<'_>) -> Checked {
    let Some(member) = look.read::<MemberKey>() else { return Ok(()) };
    look.lies_at(&MemberKey(member.room, member.user));
    look.needs(&UserRoomKey(member.user, member.room), "is in the room, which the user does not know")?;
    let room = look.other(&RoomKey(member.room))?.map(|room| room.company);
    let user = look.other(&UserKey(member.user))?.map(|record| record.user.company);
    look.require(room.is_some() && room == user, "room and user are not of one company");
    Ok(())
}

/// A user knows only rooms that they are in.
pub(super) fn user_room(look: &mut Look<'_>) -> Checked {
    let Some(room) = look.read::<UserRoomKey>() else { return Ok(()) };
    let user = UserId(look.id_at(1));
    look.lies_at(&UserRoomKey(user, room));
    look.needs(&MemberKey(room, user), "the user knows a room that they are not in")
}

/// A user has read only rooms that they are in.
pub(super) fn read(look: &mut Look<'_>) -> Checked {
    let Some(read) = look.read::<ReadKey>() else { return Ok(()) };
    let user = UserId(look.id_at(1));
    look.lies_at(&ReadKey(user, read.room));
    look.needs(&MemberKey(read.room, user), "the user has read a room that they are not in")
}
