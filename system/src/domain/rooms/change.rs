//! Changes of a room: its name, who may join it, whether it is in use (REQUIREMENTS.md IT-13).
//!
//! Every change says so in the room's own stream, and in the company's as far as the room is public: there it comes
//! with its first change that makes it so, and goes with `room.hidden`.

use crate::domain::Expected;
use crate::domain::bounds::Bounds;
use crate::domain::rights::{acting, require_governing, require_in_use, require_managing, visible_room};
use crate::protocol::{EventBody, Room, RoomHidden, RoomId, StreamId, UpdateRoom, UserId, Visibility};
use crate::refusal::Answer;
use crate::store::key::RoomKey;
use crate::store::{Actor, Draft};

/// Changes the name or the visibility of a room. What it is already changes nothing, whichever version is expected: so
/// a call whose answer was lost can be repeated.
///
/// # Errors
/// [`Forbidden`](crate::protocol::ErrorCode::Forbidden): members of the room that are no guests rename it, and admins;
/// its visibility is for those who govern it ([`require_governing`]).
/// [`NotFound`](crate::protocol::ErrorCode::NotFound), [`RoomArchived`](crate::protocol::ErrorCode::RoomArchived),
/// [`VersionConflict`](crate::protocol::ErrorCode::VersionConflict); bounds.
pub fn update(
    draft: &mut Draft<'_>,
    actor: Actor,
    id: RoomId,
    request: &UpdateRoom,
    expected: &Expected,
) -> Answer<Room> {
    let caller = acting(draft.view(), actor)?;
    if let Some(name) = &request.name {
        Bounds::default().name("name", name).check()?;
    }
    let room = visible_room(draft.view(), &caller, id)?;
    require_managing(draft.view(), &caller, &room)?;
    let changed = Room {
        name: request.name.clone().unwrap_or_else(|| room.name.clone()),
        visibility: request.visibility.unwrap_or(room.visibility),
        ..room.clone()
    };
    if changed.visibility != room.visibility {
        require_governing(draft.view(), &caller, &room)?;
    }
    if changed != room {
        expected.check(room.version)?;
        require_in_use(&room)?;
    }
    change_if(draft, caller.id, &room, changed, expected)
}

/// Archives a room: it can be read as before, its members stay and may leave, and nothing is written to it any more.
/// Archiving it again changes nothing.
///
/// # Errors
/// [`Forbidden`](crate::protocol::ErrorCode::Forbidden) for who does not govern the room ([`require_governing`]);
/// [`NotFound`](crate::protocol::ErrorCode::NotFound),
/// [`VersionConflict`](crate::protocol::ErrorCode::VersionConflict).
pub fn archive(draft: &mut Draft<'_>, actor: Actor, id: RoomId, expected: &Expected) -> Answer<Room> {
    let now = draft.now();
    set_archived(draft, actor, id, expected, |room| room.archived_at.or(Some(now)))
}

/// Takes a room out of the archive. Doing it again changes nothing.
///
/// # Errors
/// As for [`archive`].
pub fn unarchive(draft: &mut Draft<'_>, actor: Actor, id: RoomId, expected: &Expected) -> Answer<Room> {
    set_archived(draft, actor, id, expected, |_| None)
}

fn set_archived(
    draft: &mut Draft<'_>,
    actor: Actor,
    id: RoomId,
    expected: &Expected,
    archived_at: impl FnOnce(&Room) -> Option<crate::protocol::Timestamp>,
) -> Answer<Room> {
    let caller = acting(draft.view(), actor)?;
    let room = visible_room(draft.view(), &caller, id)?;
    require_governing(draft.view(), &caller, &room)?;
    let changed = Room { archived_at: archived_at(&room), ..room.clone() };
    change_if(draft, caller.id, &room, changed, expected)
}

fn change_if(draft: &mut Draft<'_>, by: UserId, before: &Room, after: Room, expected: &Expected) -> Answer<Room> {
    if after == *before {
        return Ok(after);
    }
    expected.check(before.version)?;
    change(draft, by, before.visibility, after)
}

/// Stores a room that was changed as its next version and tells whom it concerns, rights having been checked. `was` is
/// what its visibility was until now.
pub(in crate::domain) fn change(draft: &mut Draft<'_>, by: UserId, was: Visibility, room: Room) -> Answer<Room> {
    let room = Room { version: room.version + 1, ..room };
    draft.put(&RoomKey(room.id), &room);
    draft.append(StreamId::Room(room.id), by, |_| EventBody::RoomUpdated(room.clone()))?;
    let company = StreamId::Company(room.company);
    match (was, room.visibility) {
        (_, Visibility::Public) => {
            draft.append(company, by, |_| EventBody::RoomUpdated(room.clone()))?;
        }
        (Visibility::Public, Visibility::Private) => {
            draft.append(company, by, |_| EventBody::RoomHidden(RoomHidden { room: room.id }))?;
        }
        (Visibility::Private, Visibility::Private) => {}
    }
    Ok(room)
}
