//! Rooms: made, changed, archived, deleted.

use std::collections::BTreeSet;

use system::protocol::{
    ErrorCode, EventBody, FileDeleted, FileFailed, FileFailure, FileId, FileState, Role, Room, RoomDeleted, RoomHidden,
    RoomId, RoomLeft, StreamId, User, Visibility,
};

use super::super::answer::Answer;
use super::super::state::State;
use super::files::quota_without;
use super::members::entered;
use super::rights::{governs, manages, require, visible};
use super::{Decided, Drawn, Step};

/// Everybody but guests creates rooms, and is in them.
pub(super) fn create(caller: &User, name: &str, visibility: Visibility, drawn: Drawn) -> Decided {
    require(caller.role >= Role::Member)?;
    let room = Room {
        id: RoomId(drawn.ids[0]),
        company: caller.company,
        name: name.to_owned(),
        visibility,
        created_by: caller.id,
        created_at: drawn.now,
        conversation: None,
        archived_at: None,
        version: 1,
    };
    let mut events = vec![(StreamId::Room(room.id), EventBody::RoomCreated(room.clone()))];
    if visibility == Visibility::Public {
        events.push((StreamId::Company(room.company), EventBody::RoomCreated(room.clone())));
    }
    let (_, entering) = entered(caller.id, &room, caller.id, 2, drawn);
    events.extend(entering);
    Step::does(events, Answer::Room(room))
}

/// Another name, or another visibility. What it is already changes nothing.
pub(super) fn update(
    state: &State,
    caller: &User,
    room: RoomId,
    name: Option<&String>,
    visibility: Option<Visibility>,
) -> Decided {
    let found = visible(state, caller, room)?;
    require(manages(caller, found) || found.is_fed_by(caller.id))?;
    let before = &found.room;
    let changed = Room {
        name: name.unwrap_or(&before.name).clone(),
        visibility: visibility.unwrap_or(before.visibility),
        ..before.clone()
    };
    if changed.visibility != before.visibility {
        require(governs(caller, found))?;
    }
    if changed == *before {
        return Step::same(Answer::Room(changed));
    }
    if before.archived_at.is_some() {
        return Err(ErrorCode::RoomArchived);
    }
    change(before, changed)
}

/// Into the archive or out of it. What it is already changes nothing.
pub(super) fn archive(state: &State, caller: &User, room: RoomId, archived: bool, drawn: Drawn) -> Decided {
    // The feed archives the room of a conversation whose file is gone, whatever became of its user.
    let found = match state.rooms.get(&room) {
        Some(found) if found.is_fed_by(caller.id) => found,
        _ => visible(state, caller, room)?,
    };
    require(governs(caller, found) || found.is_fed_by(caller.id))?;
    if found.room.archived_at.is_some() == archived {
        return Step::same(Answer::Room(found.room.clone()));
    }
    change(&found.room, Room { archived_at: archived.then_some(drawn.now), ..found.room.clone() })
}

/// The next version of a room: its own stream tells of it, and the company's as far as it is public.
fn change(before: &Room, changed: Room) -> Decided {
    let room = Room { version: before.version + 1, ..changed };
    let company = StreamId::Company(room.company);
    let mut events = vec![(StreamId::Room(room.id), EventBody::RoomUpdated(room.clone()))];
    if room.visibility == Visibility::Public {
        events.push((company, EventBody::RoomUpdated(room.clone())));
    } else if before.visibility == Visibility::Public {
        events.push((company, EventBody::RoomHidden(RoomHidden { room: room.id })));
    }
    Step::does(events, Answer::Room(room))
}

/// A room goes with all that is in it: who was in it is told, and whose files were in it.
pub(super) fn delete(state: &State, caller: &User, room: RoomId, drawn: Drawn) -> Decided {
    let found = visible(state, caller, room)?;
    require(governs(caller, found))?;
    let gone = EventBody::RoomDeleted(RoomDeleted { room });
    let mut events = vec![(StreamId::Room(room), gone.clone())];
    if found.room.visibility == Visibility::Public {
        events.push((StreamId::Company(found.room.company), gone));
    }
    let left = |user| (StreamId::User(user), EventBody::RoomLeft(RoomLeft { room }));
    events.extend(found.members.keys().copied().map(left));
    let (mut files, mut owners): (BTreeSet<FileId>, BTreeSet<_>) = Default::default();
    // *Observed*: of each owner first the complete files are told, then the uploads, each by identifier.
    for state_of_files in [FileState::Complete, FileState::Uploading] {
        for file in state.files.values().filter(|file| file.room == Some(room) && file.state == state_of_files) {
            let own = StreamId::User(file.owner);
            events.push(match file.state {
                FileState::Uploading => {
                    (own, EventBody::FileFailed(FileFailed { file: file.id, reason: FileFailure::RoomDeleted }))
                }
                FileState::Complete => {
                    let deleted = FileDeleted { file: file.id, room: file.room, deleted_by: caller.id };
                    (own, EventBody::FileDeleted(deleted))
                }
            });
            files.insert(file.id);
            owners.insert(file.owner);
        }
    }
    events.extend(owners.into_iter().map(|owner| quota_without(state, owner, &files, drawn)));
    Step::does(events, Answer::Nothing)
}
