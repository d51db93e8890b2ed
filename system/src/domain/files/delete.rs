//! Deletes files and ends uploads. What they took of quotas is free in the same transaction; their chunks are removed
//! afterwards, a few at a time, so that a large file holds nobody up.

use super::super::rights::acting;
use super::append::streams;
use super::quota::{Changes, FileLimits};
use super::rights::deletable_file;
use crate::config::QuotaConfig;
use crate::protocol::{
    EventBody, File, FileDeleted, FileFailed, FileFailure, FileId, FileState, RoomId, StreamId, UserId,
};
use crate::refusal::Answer;
use crate::store::key::{
    DiscardedKey, ExpiryKey, FileKey, RoomFileKey, RoomFiles, RoomUploadKey, RoomUploads, UserFileKey,
};
use crate::store::{Actor, CHUNK_BYTES, DiscardedRecord, Draft};

/// Deletes a file, or ends an upload (tus: termination).
///
/// # Errors
/// [`NotFound`](crate::protocol::ErrorCode::NotFound), [`Forbidden`](crate::protocol::ErrorCode::Forbidden).
pub fn delete(draft: &mut Draft<'_>, actor: Actor, limits: &FileLimits, id: FileId) -> Answer<()> {
    let caller = acting(draft.view(), actor)?;
    let file = deletable_file(draft.view(), &caller, id, draft.now())?;
    let mut changes = Changes::default();
    discard(draft, &file, &mut changes);
    match file.state {
        FileState::Uploading => tell_failed(draft, &file, FileFailure::Terminated, caller.id)?,
        FileState::Complete => {
            for stream in streams(&file) {
                tell_deleted(draft, stream, &file, caller.id)?;
            }
        }
    }
    changes.write(draft, &limits.quota, caller.id)
}

/// Deletes all files of a room and ends all uploads for it: part of the room's own deletion. The owners are told on
/// their own streams; who follows the room is told that the room is no more.
///
/// # Errors
/// The store fails.
pub fn discard_room(draft: &mut Draft<'_>, by: UserId, limits: &QuotaConfig, room: RoomId) -> Answer<()> {
    let mut ids = draft.view().list(&RoomFiles(room))?;
    ids.extend(draft.view().list(&RoomUploads(room))?);
    let mut changes = Changes::default();
    for id in ids {
        let Some(file) = draft.get(&FileKey(id))? else { continue };
        discard(draft, &file, &mut changes);
        match file.state {
            FileState::Uploading => tell_failed(draft, &file, FileFailure::RoomDeleted, by)?,
            FileState::Complete => tell_deleted(draft, StreamId::User(file.owner), &file, by)?,
        }
    }
    changes.write(draft, limits, by)
}

/// Removes a file from everywhere but the log, and leaves its chunks to the sweep.
pub(super) fn discard(draft: &mut Draft<'_>, file: &File, changes: &mut Changes) {
    draft.delete(&FileKey(file.id));
    draft.delete(&UserFileKey(file.owner, file.id));
    if let Some(room) = file.room {
        draft.delete(&RoomFileKey(room, file.id));
        draft.delete(&RoomUploadKey(room, file.id));
    }
    if let Some(end) = file.expires_at {
        draft.delete(&ExpiryKey(end, file.id));
    }
    if file.offset > 0 {
        let chunks = file.offset.div_ceil(CHUNK_BYTES as u64);
        let chunks = u32::try_from(chunks).expect("the largest file has fewer chunks");
        draft.put(&DiscardedKey(file.id), &DiscardedRecord { file: file.id, chunks });
    }
    changes.release(file);
}

pub(super) fn tell_failed(draft: &mut Draft<'_>, file: &File, reason: FileFailure, by: UserId) -> Answer<()> {
    let failed = FileFailed { file: file.id, reason };
    draft.append(StreamId::User(file.owner), by, |_| EventBody::FileFailed(failed))?;
    Ok(())
}

fn tell_deleted(draft: &mut Draft<'_>, stream: StreamId, file: &File, by: UserId) -> Answer<()> {
    let deleted = FileDeleted { file: file.id, room: file.room, deleted_by: by };
    draft.append(stream, by, |_| EventBody::FileDeleted(deleted))?;
    Ok(())
}
