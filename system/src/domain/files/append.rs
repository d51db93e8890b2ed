//! Continues an upload: the bytes, their checksums, the offset and, in the end, the completion are one transaction. So
//! the offset never tells of more than is durable (REQUIREMENTS.md IT-11), and two who continue at once cannot both.

use super::super::rights::acting;
use super::quota::{Changes, FileLimits};
use super::rights::own_upload;
use crate::protocol::{ErrorCode, EventBody, File, FileId, FileProgress, FileState, ServerFrame, StreamId};
use crate::refusal::{Answer, Refusal};
use crate::store::key::{ExpiryKey, FileKey, RoomFileKey, RoomUploadKey};
use crate::store::{Actor, CHUNK_BYTES, ChunkKey, Draft, StoreError};

/// Adds `bytes` at `offset`, which must be where the upload is.
///
/// # Errors
/// [`ErrorCode::UploadOffsetMismatch`], [`ErrorCode::TooLarge`] past the file's size; [`ErrorCode::NotFound`],
/// [`ErrorCode::Forbidden`]; [`ErrorCode::ContentDamaged`] if what is stored already is not what came.
pub fn append(
    draft: &mut Draft<'_>,
    actor: Actor,
    limits: &FileLimits,
    id: FileId,
    offset: u64,
    bytes: &[u8],
) -> Answer<File> {
    let caller = acting(draft.view(), actor)?;
    let mut file = own_upload(draft.view(), &caller, id, draft.now())?;
    require_offset(&file, offset)?;
    let added = bytes.len() as u64;
    require_room_for(&file, added)?;
    if added == 0 {
        return Ok(file);
    }
    put_chunks(draft, &file, bytes)?;
    file.offset += added;
    let progress =
        |stream| ServerFrame::FileProgress(FileProgress { stream, file: id, offset: offset + added, size: file.size });
    for stream in streams(&file) {
        draft.announce(stream, &progress(stream));
    }
    if file.offset < file.size {
        return Ok(extend(draft, file, limits));
    }
    let mut changes = Changes::default();
    let file = finish(draft, file, &mut changes)?;
    changes.write(draft, &limits.quota, caller.id)?;
    Ok(file)
}

/// The upload must be where the client believes that it is.
///
/// # Errors
/// [`ErrorCode::UploadOffsetMismatch`].
pub(super) fn require_offset(file: &File, offset: u64) -> Answer<()> {
    if file.offset == offset {
        return Ok(());
    }
    let detail = format!("the upload is at {}, not at {offset}: go on from there", file.offset);
    Err(Refusal::new(ErrorCode::UploadOffsetMismatch, detail))
}

/// So many bytes must still be missing.
///
/// # Errors
/// [`ErrorCode::TooLarge`].
pub(super) fn require_room_for(file: &File, added: u64) -> Answer<()> {
    let missing = file.size - file.offset;
    if added <= missing {
        return Ok(());
    }
    let detail = format!("{missing} bytes of the file are missing, and the body has more");
    Err(Refusal::new(ErrorCode::TooLarge, detail))
}

/// Stores a file that has all its bytes.
pub(super) fn finish(draft: &mut Draft<'_>, file: File, changes: &mut Changes) -> Answer<File> {
    if let Some(end) = file.expires_at {
        draft.delete(&ExpiryKey(end, file.id));
    }
    let completed_at = Some(draft.now());
    let file = File { state: FileState::Complete, expires_at: None, completed_at, ..file };
    draft.put(&FileKey(file.id), &file);
    if let Some(room) = file.room {
        draft.delete(&RoomUploadKey(room, file.id));
        draft.put(&RoomFileKey(room, file.id), &file.id);
    }
    for stream in streams(&file) {
        draft.append(stream, file.owner, |_| EventBody::FileCompleted(file.clone()))?;
    }
    changes.complete(&file);
    Ok(file)
}

/// Who is told of a file: its owner, and its room.
pub(super) fn streams(file: &File) -> impl Iterator<Item = StreamId> + use<> {
    [Some(StreamId::User(file.owner)), file.room.map(StreamId::Room)].into_iter().flatten()
}

/// Stores an upload that goes on, and puts its end off.
fn extend(draft: &mut Draft<'_>, file: File, limits: &FileLimits) -> File {
    if let Some(end) = file.expires_at {
        draft.delete(&ExpiryKey(end, file.id));
    }
    let end = draft.now().plus_ms(limits.uploads.lifetime_ms);
    let file = File { expires_at: Some(end), ..file };
    draft.put(&ExpiryKey(end, file.id), &file.id);
    draft.put(&FileKey(file.id), &file);
    file
}

/// Fills up the last chunk, then adds new ones: each is full but the last, so that their number is bounded by the size
/// of the file, however small the pieces are in which it comes.
fn put_chunks(draft: &mut Draft<'_>, file: &File, mut bytes: &[u8]) -> Answer<()> {
    let chunk_bytes = CHUNK_BYTES as u64;
    let mut index = u32::try_from(file.offset / chunk_bytes).expect("the largest file has fewer chunks");
    let begun = usize::try_from(file.offset % chunk_bytes).expect("it is less than a chunk");
    if begun > 0 {
        let key = ChunkKey { file: file.id, index };
        let mut chunk = match draft.view().chunk(key) {
            Ok(Some(chunk)) if chunk.len() == begun => chunk,
            Ok(_) | Err(StoreError::Damaged { .. }) => return Err(damaged()),
            Err(error) => return Err(error.into()),
        };
        let (first, rest) = bytes.split_at(bytes.len().min(CHUNK_BYTES - begun));
        chunk.extend_from_slice(first);
        draft.put_chunk(key, &chunk);
        bytes = rest;
        index += 1;
    }
    for (index, chunk) in (index..).zip(bytes.chunks(CHUNK_BYTES)) {
        draft.put_chunk(ChunkKey { file: file.id, index }, chunk);
    }
    Ok(())
}

/// What is stored is not what was uploaded.
pub(super) fn damaged() -> Refusal {
    Refusal::new(
        ErrorCode::ContentDamaged,
        "what is stored of this file is not what was uploaded, and is not served: delete it and upload it again",
    )
}
