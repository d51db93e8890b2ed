//! A new room.

use crate::domain::bounds::Bounds;
use crate::domain::members::enter;
use crate::domain::rights::{acting, require_role};
use crate::protocol::{CreateRoom, EventBody, Role, Room, RoomId, StreamId, UserId, Visibility};
use crate::refusal::{Answer, Once, Refusal};
use crate::store::key::{CompanyRoomKey, RoomKey};
use crate::store::{Actor, Draft};

/// A new room with its creator in it.
///
/// # Errors
/// [`Forbidden`](crate::protocol::ErrorCode::Forbidden) for guests; bounds.
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
pub(in crate::domain) fn add(draft: &mut Draft<'_>, by: UserId, room: &Room) -> Answer<()> {
    draft.put(&RoomKey(room.id), room);
    draft.put(&CompanyRoomKey(room.company, room.id), &room.id);
    draft.append(StreamId::Room(room.id), by, |_| EventBody::RoomCreated(room.clone()))?;
    if room.visibility == Visibility::Public {
        draft.append(StreamId::Company(room.company), by, |_| EventBody::RoomCreated(room.clone()))?;
    }
    Ok(())
}
