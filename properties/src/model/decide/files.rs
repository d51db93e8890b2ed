//! Files: an upload begins and takes its size of the quotas; it is completed, or ends; a file is deleted.
//!
//! How many bytes of an upload are there leaves no event before the last: files/progress judges that.

use std::collections::BTreeSet;

use system::protocol::{
    ErrorCode, EventBody, File, FileDeleted, FileFailed, FileFailure, FileId, FileState, NewFile, Quota, Role,
    StreamId, User, UserId,
};

use super::super::answer::{Answer, begun};
use super::super::state::State;
use super::rights::{readable, require, writable};
use super::{Decided, Drawn, Step};

/// A user begins an upload, for themselves or for a room that they may write to. A file without bytes is complete at
/// once. Whether the quota suffices is asked where its limit is known: of the event that says so.
pub(super) fn create(state: &State, caller: &User, new: &NewFile, drawn: Drawn) -> Decided {
    if let Some(room) = new.room {
        writable(state, caller, room)?;
    }
    let NewFile { name, content_type, room, size } = new.clone();
    let file = File {
        id: FileId(drawn.ids[0]),
        owner: caller.id,
        company: caller.company,
        room,
        name,
        content_type,
        size,
        offset: 0,
        state: FileState::Uploading,
        created_at: drawn.now,
        expires_at: drawn.expires_at,
        completed_at: None,
    };
    let own = StreamId::User(caller.id);
    let mut events = vec![(own, EventBody::FileCreated(file.clone()))];
    let Quota { limit_bytes, mut used_bytes, mut reserved_bytes } = taken(state, caller.id, drawn);
    if size == 0 {
        events.extend(completed(file.clone(), drawn));
        used_bytes += size;
    } else {
        reserved_bytes += size;
    }
    if used_bytes + reserved_bytes > limit_bytes {
        return Err(ErrorCode::QuotaExceeded);
    }
    events.push((own, EventBody::QuotaUpdated(Quota { limit_bytes, used_bytes, reserved_bytes })));
    Step::does(events, Answer::File(begun(file)))
}

/// The last bytes of an upload are there: it is read by whom it is for.
pub(super) fn finish(state: &State, caller: &User, id: FileId, drawn: Drawn) -> Decided {
    let file = state.files.get(&id).filter(|file| file.owner == caller.id).ok_or(ErrorCode::NotFound)?;
    if let Some(room) = file.room {
        writable(state, caller, room)?;
    }
    if file.state == FileState::Complete {
        return Step::same(Answer::Nothing);
    }
    let Quota { limit_bytes, used_bytes, reserved_bytes } = taken(state, caller.id, drawn);
    let (used_bytes, reserved_bytes) = (used_bytes + file.size, reserved_bytes.saturating_sub(file.size));
    let mut events: Vec<_> = completed(file.clone(), drawn).collect();
    let quota = EventBody::QuotaUpdated(Quota { limit_bytes, used_bytes, reserved_bytes });
    events.push((StreamId::User(caller.id), quota));
    Step::does(events, Answer::Nothing)
}

/// Its owner, or an admin, deletes a file or ends an upload: what it took is free at once.
pub(super) fn delete(state: &State, caller: &User, id: FileId, drawn: Drawn) -> Decided {
    let found = if caller.role >= Role::Admin {
        state.files.get(&id).ok_or(ErrorCode::NotFound)?
    } else {
        let found = visible_file(state, caller, id)?;
        require(found.owner == caller.id)?;
        found
    };
    let own = StreamId::User(found.owner);
    let mut events = match found.state {
        FileState::Uploading => {
            vec![(own, EventBody::FileFailed(FileFailed { file: id, reason: FileFailure::Terminated }))]
        }
        FileState::Complete => {
            let deleted = EventBody::FileDeleted(FileDeleted { file: id, room: found.room, deleted_by: caller.id });
            streams(found).map(|stream| (stream, deleted.clone())).collect()
        }
    };
    events.push(quota_without(state, found.owner, &BTreeSet::from([id]), drawn));
    Step::does(events, Answer::Nothing)
}

/// A file that a user may know of: their own, or a complete one of a room that they may read.
pub(super) fn visible_file<'s>(state: &'s State, user: &User, id: FileId) -> Result<&'s File, ErrorCode> {
    let found = state.files.get(&id).ok_or(ErrorCode::NotFound)?;
    let reads = |room| readable(state, user, room).is_ok();
    let told = found.owner == user.id || (found.state == FileState::Complete && found.room.is_some_and(reads));
    if told { Ok(found) } else { Err(ErrorCode::NotFound) }
}

/// What is left of a user's quota without some files.
pub(in crate::model) fn quota_without(
    state: &State,
    owner: UserId,
    without: &BTreeSet<FileId>,
    drawn: Drawn,
) -> (StreamId, EventBody) {
    let mut quota = taken(state, owner, drawn);
    for file in without.iter().filter_map(|file| state.files.get(file)).filter(|file| file.owner == owner) {
        match file.state {
            FileState::Complete => quota.used_bytes -= file.size,
            FileState::Uploading => quota.reserved_bytes -= file.size,
        }
    }
    (StreamId::User(owner), EventBody::QuotaUpdated(quota))
}

fn taken(state: &State, user: UserId, drawn: Drawn) -> Quota {
    state.taken(Some(user), drawn.limit_bytes.or(state.user_limit_bytes).unwrap_or(u64::MAX))
}

fn completed(file: File, drawn: Drawn) -> impl Iterator<Item = (StreamId, EventBody)> {
    let completed_at = Some(drawn.now);
    let file = File { state: FileState::Complete, offset: file.size, expires_at: None, completed_at, ..file };
    let streams: Vec<_> = streams(&file).collect();
    streams.into_iter().map(move |stream| (stream, EventBody::FileCompleted(file.clone())))
}

/// Who is told of a file: its owner, and its room.
fn streams(file: &File) -> impl Iterator<Item = StreamId> + use<> {
    [Some(StreamId::User(file.owner)), file.room.map(StreamId::Room)].into_iter().flatten()
}
