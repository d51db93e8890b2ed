//! Rooms: create, list, get.

use super::bounds::Bounds;
use super::members::enter;
use super::rights::{acting, require_role, visible_room};
use crate::protocol::{CompanyId, CreateRoom, ErrorCode, EventBody, Role, Room, RoomId, StreamId, UserId, Visibility};
use crate::refusal::{Answer, Once, Refusal};
use crate::store::key::{CompanyRoomKey, CompanyRooms, RoomKey, UserRooms};
use crate::store::{Actor, Draft, View};

/// A new room with its creator in it.
///
/// # Errors
/// [`ErrorCode::Forbidden`] for guests; bounds.
pub fn create(draft: &mut Draft<'_>, actor: Actor, request: &CreateRoom, key: Option<&str>) -> Once<Room> {
    let caller = acting(draft.view(), actor)?;
    Bounds::default().name("name", &request.name).check()?;
    // Rights are asked of the first time only: a repeat tells what was done, whatever became of its author since.
    let created = draft.once(actor.user.0, "rooms.create", key, request, |draft| {
        require_role(&caller, Role::Member)?;
        let room = Room {
            id: RoomId(draft.new_uuid()),
            company: caller.company,
            name: request.name.clone(),
            visibility: request.visibility,
            created_by: caller.id,
            created_at: draft.now(),
            conversation: None,
            archived_at: None,
            version: 1,
        };
        add(draft, caller.id, &room)?;
        enter(draft, caller.id, &room, caller.id)?;
        Ok::<_, Refusal>(room)
    })?;
    Ok(created)
}

/// Stores a new room and tells whom it concerns, rights having been checked. Nobody is in it yet.
pub(super) fn add(draft: &mut Draft<'_>, by: UserId, room: &Room) -> Answer<()> {
    draft.put(&RoomKey(room.id), room);
    draft.put(&CompanyRoomKey(room.company, room.id), &room.id);
    draft.append(StreamId::Room(room.id), by, |_| EventBody::RoomCreated(room.clone()))?;
    if room.visibility == Visibility::Public {
        draft.append(StreamId::Company(room.company), by, |_| EventBody::RoomCreated(room.clone()))?;
    }
    Ok(())
}

/// Stores a room that was changed as its next version and tells whom it concerns, rights having been checked.
pub(super) fn change(draft: &mut Draft<'_>, by: UserId, room: Room) -> Answer<Room> {
    let room = Room { version: room.version + 1, ..room };
    draft.put(&RoomKey(room.id), &room);
    draft.append(StreamId::Room(room.id), by, |_| EventBody::RoomUpdated(room.clone()))?;
    if room.visibility == Visibility::Public {
        draft.append(StreamId::Company(room.company), by, |_| EventBody::RoomUpdated(room.clone()))?;
    }
    Ok(room)
}

/// All rooms that the caller may know of, by identifier.
///
/// # Errors
/// [`ErrorCode::SessionRevoked`].
pub fn list(view: &View<'_>, actor: Actor) -> Answer<Vec<Room>> {
    let caller = acting(view, actor)?;
    if caller.role < Role::Member {
        return user_rooms(view, caller.id);
    }
    let mut rooms = Vec::new();
    for id in view.list(&CompanyRooms(caller.company))? {
        match visible_room(view, &caller, id) {
            Ok(room) => rooms.push(room),
            Err(refusal) if refusal.code == ErrorCode::NotFound => {}
            Err(refusal) => return Err(refusal),
        }
    }
    Ok(rooms)
}

/// One room.
///
/// # Errors
/// [`ErrorCode::NotFound`].
pub fn get(view: &View<'_>, actor: Actor, id: RoomId) -> Answer<Room> {
    let caller = acting(view, actor)?;
    visible_room(view, &caller, id)
}

/// All rooms that a user is in, by identifier.
pub(super) fn user_rooms(view: &View<'_>, user: UserId) -> Answer<Vec<Room>> {
    let mut rooms = Vec::new();
    for id in view.list(&UserRooms(user))? {
        rooms.extend(view.get(&RoomKey(id))?);
    }
    Ok(rooms)
}

/// All public rooms of a company, by identifier.
pub(super) fn public_rooms(view: &View<'_>, company: CompanyId) -> Answer<Vec<Room>> {
    let mut rooms = Vec::new();
    for id in view.list(&CompanyRooms(company))? {
        rooms.extend(view.get(&RoomKey(id))?.filter(|room| room.visibility == Visibility::Public));
    }
    Ok(rooms)
}
