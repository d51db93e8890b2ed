//! Ends uploads whose time is over, and removes the chunks that files have left: a few at each time, so that other
//! operations pass in between.

use super::delete::{discard, tell_failed};
use super::quota::{Changes, FileLimits};
use crate::protocol::{File, FileFailure, Timestamp};
use crate::refusal::Answer;
use crate::store::key::{Discarded, DiscardedKey, Expiries, FileKey};
use crate::store::{ChunkKey, DiscardedRecord, Draft, View};

/// How many uploads end in one transaction.
const UPLOADS: usize = 16;

/// How many chunks go in one transaction: 3.75 MiB.
const CHUNKS: u32 = 64;

/// Whether there is anything for [`sweep`] to do.
///
/// # Errors
/// The store fails.
pub fn needs_sweep(view: &View<'_>, now: Timestamp) -> Answer<bool> {
    Ok(!view.first(&Discarded(), 1)?.is_empty() || !expired(view, now, 1)?.is_empty())
}

/// Sweeps once.
///
/// # Errors
/// The store fails.
pub fn sweep(draft: &mut Draft<'_>, limits: &FileLimits) -> Answer<()> {
    let mut changes = Changes::default();
    let mut owner = None;
    for file in expired(draft.view(), draft.now(), UPLOADS)? {
        // One owner at a time: who has caused it is who is told.
        if *owner.get_or_insert(file.owner) == file.owner {
            discard(draft, &file, &mut changes);
            tell_failed(draft, &file, FileFailure::Expired, file.owner)?;
        }
    }
    if let Some(owner) = owner {
        changes.write(draft, &limits.quota, owner)?;
    }
    remove_chunks(draft)
}

fn remove_chunks(draft: &mut Draft<'_>) -> Answer<()> {
    let Some(DiscardedRecord { file, chunks }) = draft.view().first(&Discarded(), 1)?.pop() else { return Ok(()) };
    let left = chunks.saturating_sub(CHUNKS);
    for index in left..chunks {
        draft.delete_chunk(ChunkKey { file, index });
    }
    match left {
        0 => draft.delete(&DiscardedKey(file)),
        chunks => draft.put(&DiscardedKey(file), &DiscardedRecord { file, chunks }),
    }
    Ok(())
}

/// At most `limit` uploads whose time is over.
fn expired(view: &View<'_>, now: Timestamp, limit: usize) -> Answer<Vec<File>> {
    let mut files = Vec::new();
    for id in view.first(&Expiries(), limit)? {
        files.extend(view.get(&FileKey(id))?.filter(|file| file.expires_at.is_some_and(|end| end <= now)));
    }
    Ok(files)
}
