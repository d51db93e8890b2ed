//! Reads files: their objects, their lists, their content chunk by chunk.

use super::super::rights::{acting, readable_room};
use super::append::{damaged, require_offset, require_room_for};
use super::rights::{own_upload, readable_file, visible_file};
use crate::protocol::{File, FileId, Page, RoomId, Timestamp};
use crate::refusal::{Answer, Refusal};
use crate::store::key::{FileKey, Prefix, RoomFileKey, RoomFiles, UserFileKey, UserFiles};
use crate::store::{Actor, CHUNK_BYTES, ChunkKey, StoreError, View};

/// A file's object.
///
/// # Errors
/// [`NotFound`](crate::protocol::ErrorCode::NotFound).
pub fn get(view: &View<'_>, actor: Actor, id: FileId, now: Timestamp) -> Answer<File> {
    visible_file(view, &acting(view, actor)?, id, now)
}

/// The caller's own upload, to be continued; at `offset` and with room for `added` bytes, where these are known.
///
/// # Errors
/// As for [`append`](super::append()).
pub fn upload(
    view: &View<'_>,
    actor: Actor,
    id: FileId,
    now: Timestamp,
    continued: Option<(u64, u64)>,
) -> Answer<File> {
    let file = own_upload(view, &acting(view, actor)?, id, now)?;
    if let Some((offset, added)) = continued {
        require_offset(&file, offset)?;
        require_room_for(&file, added)?;
    }
    Ok(file)
}

/// A complete file whose content the caller may read.
///
/// # Errors
/// [`NotFound`](crate::protocol::ErrorCode::NotFound), [`Forbidden`](crate::protocol::ErrorCode::Forbidden),
/// [`FileIncomplete`](crate::protocol::ErrorCode::FileIncomplete).
pub fn content(view: &View<'_>, actor: Actor, id: FileId, now: Timestamp) -> Answer<File> {
    readable_file(view, &acting(view, actor)?, id, now)
}

/// One chunk of a file's content. Rights are asked of each: who loses them in the midst of a download gets no more.
///
/// # Errors
/// As for [`content`]; [`ContentDamaged`](crate::protocol::ErrorCode::ContentDamaged).
pub fn content_chunk(view: &View<'_>, actor: Actor, id: FileId, now: Timestamp, index: u32) -> Answer<Vec<u8>> {
    let file = content(view, actor, id, now)?;
    let begins_at = u64::from(index) * CHUNK_BYTES as u64;
    let expected = file.size.saturating_sub(begins_at).min(CHUNK_BYTES as u64);
    match view.chunk(ChunkKey { file: id, index }) {
        Ok(Some(bytes)) if bytes.len() as u64 == expected => Ok(bytes),
        Ok(_) | Err(StoreError::Damaged { .. }) => Err(damaged()),
        Err(error) => Err(error.into()),
    }
}

/// A page of the complete files of a room, by identifier.
///
/// # Errors
/// [`NotFound`](crate::protocol::ErrorCode::NotFound), [`Forbidden`](crate::protocol::ErrorCode::Forbidden), a cursor
/// that is none.
pub fn list_room(
    view: &View<'_>,
    actor: Actor,
    room: RoomId,
    cursor: Option<&str>,
    limit: usize,
) -> Answer<Page<File>> {
    readable_room(view, &acting(view, actor)?, room)?;
    page(view, &RoomFiles(room), |file| RoomFileKey(room, file), cursor, limit)
}

/// A page of the caller's own files, uploads under way included, by identifier.
///
/// # Errors
/// A cursor that is none.
pub fn list_own(view: &View<'_>, actor: Actor, cursor: Option<&str>, limit: usize) -> Answer<Page<File>> {
    let caller = acting(view, actor)?;
    page(view, &UserFiles(caller.id), |file| UserFileKey(caller.id, file), cursor, limit)
}

fn page<P, K>(
    view: &View<'_>,
    prefix: &P,
    key: impl FnOnce(FileId) -> K,
    cursor: Option<&str>,
    limit: usize,
) -> Answer<Page<File>>
where
    P: Prefix<Value = FileId>,
    K: crate::store::key::Key<Value = FileId>,
{
    let mut ids = match cursor {
        None => view.first(prefix, limit.saturating_add(1))?,
        Some(text) => {
            let after = text.parse().map_err(|_| Refusal::field("cursor", "must be the `next` of an earlier page"))?;
            view.first_after(prefix, Some(&key(after)), limit.saturating_add(1))?
        }
    };
    let more = ids.len() > limit;
    ids.truncate(limit);
    let next = ids.last().filter(|_| more).map(FileId::to_string);
    let mut items = Vec::with_capacity(ids.len());
    for id in ids {
        items.extend(view.get(&FileKey(id))?);
    }
    Ok(Page { items, next })
}
