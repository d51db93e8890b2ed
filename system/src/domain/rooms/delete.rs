//! The end of a room. Whatever hangs on a room is removed here, in the transaction that says so: a record that is added
//! to rooms elsewhere needs its line in [`erase`].
//!
//! The room's stream is not kept either: its events hold what was said. Who follows it live gets its last event and is
//! unsubscribed; who does not learns it from `room.left` on their own stream, or from `room.deleted` on the company's.

use crate::domain::rights::{acting, require_governing, visible_room};
use crate::domain::{Expected, reads};
use crate::protocol::{EventBody, Room, RoomDeleted, RoomId, RoomLeft, StreamId, Visibility};
use crate::refusal::{Once, Refusal};
use crate::store::key::{
    CompanyRoomKey, FeedBadLines, FeedLines, RoomCounts, RoomKey, RoomMembers, RoomMessagePlaces, RoomMessages,
    RoomReplies, RoomRootThreads, RoomThreadFollowers, RoomThreadPlaces, RoomThreads, UserRoomKey,
};
use crate::store::{Actor, Draft};

/// Deletes a room with everything that is in it, for good.
///
/// # Errors
/// [`Forbidden`](crate::protocol::ErrorCode::Forbidden) for who does not govern the room ([`require_governing`]);
/// [`NotFound`](crate::protocol::ErrorCode::NotFound),
/// [`VersionConflict`](crate::protocol::ErrorCode::VersionConflict).
pub fn delete(
    draft: &mut Draft<'_>,
    actor: Actor,
    id: RoomId,
    expected: &Expected,
    quota: &crate::config::QuotaConfig,
    key: Option<&str>,
) -> Once<()> {
    let caller = acting(draft.view(), actor)?;
    // A repeat finds no room any more; under its key it is told what was done.
    let deleted = draft.once(actor.user.0, "rooms.delete", key, &(id, expected), |draft| {
        let room = visible_room(draft.view(), &caller, id)?;
        require_governing(draft.view(), &caller, &room)?;
        expected.check(room.version)?;
        let gone = RoomDeleted { room: id };
        draft.append(StreamId::Room(id), caller.id, |_| EventBody::RoomDeleted(gone))?;
        if room.visibility == Visibility::Public {
            draft.append(StreamId::Company(room.company), caller.id, |_| EventBody::RoomDeleted(gone))?;
        }
        for member in draft.view().list(&RoomMembers(id))? {
            draft.delete(&UserRoomKey(member.user, id));
            reads::forget(draft, id, member.user);
            let left = RoomLeft { room: id };
            draft.append(StreamId::User(member.user), caller.id, |_| EventBody::RoomLeft(left))?;
        }
        crate::domain::files::discard_room(draft, caller.id, quota, id)?;
        erase(draft, &room);
        Ok::<_, Refusal>(())
    })?;
    Ok(deleted)
}

fn erase(draft: &mut Draft<'_>, room: &Room) {
    draft.delete(&RoomKey(room.id));
    draft.delete(&CompanyRoomKey(room.company, room.id));
    draft.erase(&RoomMembers(room.id));
    draft.erase(&RoomMessages(room.id));
    draft.erase(&RoomMessagePlaces(room.id));
    draft.erase(&RoomCounts(room.id));
    draft.erase(&RoomThreads(room.id));
    draft.erase(&RoomThreadPlaces(room.id));
    draft.erase(&RoomRootThreads(room.id));
    draft.erase(&RoomReplies(room.id));
    draft.erase(&RoomThreadFollowers(room.id));
    // The conversation itself stays, so that its file is not taken for a new one.
    draft.erase(&FeedLines(room.id));
    draft.erase(&FeedBadLines(room.id));
    draft.end_stream(StreamId::Room(room.id));
}
