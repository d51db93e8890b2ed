//! Rooms as they are.

use crate::domain::paging::Paging;
use crate::domain::rights::{acting, visible_room};
use crate::protocol::{CompanyId, ErrorCode, Page, Role, Room, RoomId, Visibility};
use crate::refusal::Answer;
use crate::store::key::{CompanyRoomKey, CompanyRooms, RoomKey, UserRoomKey, UserRooms};
use crate::store::{Actor, View};

/// A page of all rooms that the caller may know of, by identifier.
///
/// # Errors
/// [`ErrorCode::SessionRevoked`]; a cursor that is none.
pub fn list(view: &View<'_>, actor: Actor, paging: &Paging) -> Answer<Page<Room>> {
    let caller = acting(view, actor)?;
    let id = |room: &RoomId| room.0;
    if caller.role < Role::Member {
        let key = |room| UserRoomKey(caller.id, RoomId(room));
        return paging.page(view, &UserRooms(caller.id), key, id, |room| Ok(view.get(&RoomKey(room))?));
    }
    let key = |room| CompanyRoomKey(caller.company, RoomId(room));
    paging.page(view, &CompanyRooms(caller.company), key, id, |room| match visible_room(view, &caller, room) {
        Ok(room) => Ok(Some(room)),
        Err(refusal) if refusal.code == ErrorCode::NotFound => Ok(None),
        Err(refusal) => Err(refusal),
    })
}

/// One room.
///
/// # Errors
/// [`ErrorCode::NotFound`].
pub fn get(view: &View<'_>, actor: Actor, id: RoomId) -> Answer<Room> {
    let caller = acting(view, actor)?;
    visible_room(view, &caller, id)
}

/// All public rooms of a company, by identifier.
pub(in crate::domain) fn public_rooms(view: &View<'_>, company: CompanyId) -> Answer<Vec<Room>> {
    let mut rooms = Vec::new();
    for id in view.list(&CompanyRooms(company))? {
        rooms.extend(view.get(&RoomKey(id))?.filter(|room| room.visibility == Visibility::Public));
    }
    Ok(rooms)
}
