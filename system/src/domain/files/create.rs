//! Creates an upload: reserves its size, and gives it a name and a time to live.

use super::super::bounds::Bounds;
use super::super::rights::{acting, writable_room};
use super::append::finish;
use super::quota::{Changes, FileLimits};
use crate::protocol::{ErrorCode, EventBody, File, FileId, FileState, NewFile, StreamId};
use crate::refusal::{Answer, Once, Refusal};
use crate::store::key::{ExpiryKey, FileKey, RoomUploadKey, UserFileKey};
use crate::store::{Actor, Draft};

/// A new upload, without a byte yet; a file without bytes is complete at once.
///
/// # Errors
/// [`ErrorCode::QuotaExceeded`] with the numbers; [`ErrorCode::TooLarge`]; [`ErrorCode::NotFound`] or
/// [`ErrorCode::Forbidden`] for who is not in the room; bounds.
pub fn create(
    draft: &mut Draft<'_>,
    actor: Actor,
    limits: &FileLimits,
    request: &NewFile,
    key: Option<&str>,
) -> Once<File> {
    let caller = acting(draft.view(), actor)?;
    check(request, limits)?;
    let created = draft.once(actor.user.0, "files.create", key, request, |draft| {
        if let Some(room) = request.room {
            writable_room(draft.view(), &caller, room)?;
        }
        let file = File {
            id: FileId(draft.new_uuid()),
            owner: caller.id,
            company: caller.company,
            room: request.room,
            name: request.name.clone(),
            content_type: request.content_type.clone(),
            size: request.size,
            offset: 0,
            state: FileState::Uploading,
            created_at: draft.now(),
            expires_at: Some(draft.now().plus_ms(limits.uploads.lifetime_ms)),
            completed_at: None,
        };
        draft.put(&UserFileKey(file.owner, file.id), &file.id);
        draft.append(StreamId::User(file.owner), caller.id, |_| EventBody::FileCreated(file.clone()))?;
        let mut changes = Changes::default();
        changes.reserve(&file);
        let file = if file.size == 0 { finish(draft, file, &mut changes)? } else { begin(draft, file) };
        changes.write(draft, &limits.quota, caller.id)?;
        Ok::<_, Refusal>(file)
    })?;
    Ok(created)
}

fn check(request: &NewFile, limits: &FileLimits) -> Answer<()> {
    Bounds::default().file_name("filename", &request.name).media_type("filetype", &request.content_type).check()?;
    let most = limits.uploads.file_bytes;
    if request.size > most {
        let detail = format!("the file has {} bytes: at most {most} are taken", request.size);
        return Err(Refusal::new(ErrorCode::TooLarge, detail));
    }
    Ok(())
}

/// Stores an upload to which bytes will come.
fn begin(draft: &mut Draft<'_>, file: File) -> File {
    draft.put(&FileKey(file.id), &file);
    if let Some(end) = file.expires_at {
        draft.put(&ExpiryKey(end, file.id), &file.id);
    }
    if let Some(room) = file.room {
        draft.put(&RoomUploadKey(room, file.id), &file.id);
    }
    file
}
