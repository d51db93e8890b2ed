//! Members of rooms, and how far they have read.

use system::protocol::{
    ErrorCode, EventBody, Member, MemberRemoved, ReadMarker, Role, Room, RoomId, RoomLeft, StreamId, User, UserId,
    Visibility,
};

use super::super::answer::Answer;
use super::super::state::State;
use super::rights::{joined, manages, require, visible};
use super::{Decided, Drawn, Step};

/// Who manages the room's members adds somebody; everybody but guests joins a public one. A member stays what they are.
pub(super) fn add(state: &State, caller: &User, room: RoomId, user: UserId, drawn: Drawn) -> Decided {
    let found = visible(state, caller, room)?;
    let joins = user == caller.id && found.room.visibility == Visibility::Public && caller.role >= Role::Member;
    require(joins || manages(caller, found))?;
    if let Some(member) = found.members.get(&user) {
        return Step::same(Answer::Member(member.clone()));
    }
    if found.room.archived_at.is_some() {
        return Err(ErrorCode::RoomArchived);
    }
    if !state.users.get(&user).is_some_and(|user| user.active) {
        return Err(ErrorCode::NotFound);
    }
    let seq = state.head(StreamId::Room(room)) + 1;
    let (member, events) = entered(caller.id, &found.room, user, seq, drawn);
    Step::does(events.to_vec(), Answer::Member(member))
}

/// Who manages the room's members removes somebody; everybody leaves by themselves. Who is not in it stays out.
pub(super) fn remove(state: &State, caller: &User, room: RoomId, user: UserId) -> Decided {
    let found = visible(state, caller, room)?;
    require(user == caller.id || manages(caller, found))?;
    if !found.members.contains_key(&user) {
        return Step::same(Answer::Nothing);
    }
    Step::does(taken_out(caller.id, room, user).to_vec(), Answer::Nothing)
}

/// A member has read up to a position that there is. A marker never goes back.
pub(super) fn mark_read(state: &State, caller: &User, room: RoomId, seq: u64) -> Decided {
    let (found, member) = joined(state, caller, room)?;
    if seq > state.head(StreamId::Room(room)) {
        return Err(ErrorCode::InvalidValue);
    }
    let (own, marker) = (StreamId::User(caller.id), found.marker(member));
    if seq <= marker.seq {
        return Step::same_in(own, Answer::Marker(marker));
    }
    let marker = ReadMarker { room, seq, unread: found.unread_after(caller.id, seq) };
    Step::does(vec![(own, EventBody::ReadUpdated(marker))], Answer::Marker(marker))
}

/// Somebody is in a room from a position of its stream on.
pub(super) fn entered(
    by: UserId,
    room: &Room,
    user: UserId,
    seq: u64,
    drawn: Drawn,
) -> (Member, [(StreamId, EventBody); 2]) {
    let member = Member { room: room.id, user, added_by: by, added_at: drawn.now, seq };
    let added = (StreamId::Room(room.id), EventBody::MemberAdded(member.clone()));
    (member, [added, (StreamId::User(user), EventBody::RoomJoined(room.clone()))])
}

/// Somebody is no longer in a room.
pub(super) fn taken_out(by: UserId, room: RoomId, user: UserId) -> [(StreamId, EventBody); 2] {
    let removed = MemberRemoved { room, user, removed_by: by };
    [
        (StreamId::Room(room), EventBody::MemberRemoved(removed)),
        (StreamId::User(user), EventBody::RoomLeft(RoomLeft { room })),
    ]
}
