//! Files and uploads: their bytes are there, those concerned list them, and quotas add up.

use super::chunks::Stored;
use super::look::{Checked, Look};
use crate::protocol::{CompanyId, File, FileState, RoomId, Timestamp, UserId};
use crate::store::QuotaRecord;
use crate::store::key::{
    CompanyKey, CompanyUsers, DiscardedKey, ExpiryKey, FileKey, QuotaKey, RoomFileKey, RoomKey, RoomUploadKey,
    UserFileKey, UserFiles, UserKey,
};

/// A file has its bytes, and is listed by its owner and its room.
pub(super) fn file(look: &mut Look<'_>) -> Checked {
    let Some(file) = look.read::<FileKey>() else { return Ok(()) };
    look.lies_at(&FileKey(file.id));
    look.needs(&CompanyKey(file.company), "is of a company that is not there")?;
    look.needs(&UserKey(file.owner), "is of a user who is not there")?;
    look.needs(&UserFileKey(file.owner, file.id), "is not listed by its owner")?;
    let stored = look.chunks.of(file.id).bytes;
    look.require(stored == file.offset, format!("is at {}, and has {stored} bytes", file.offset));
    let complete = file.state == FileState::Complete;
    let agrees = file.offset <= file.size && complete == (file.offset == file.size);
    look.require(agrees, format!("is {:?} with {} of {} bytes", file.state, file.offset, file.size));
    look.require(complete == file.expires_at.is_none(), "does not end as its state says");
    if let Some(end) = file.expires_at {
        look.needs(&ExpiryKey(end, file.id), "ends, and nothing will end it")?;
    }
    if let Some(room) = file.room {
        look.needs(&RoomKey(room), "is of a room that is not there")?;
        match file.state {
            FileState::Complete => look.needs(&RoomFileKey(room, file.id), "is not listed by its room")?,
            FileState::Uploading => look.needs(&RoomUploadKey(room, file.id), "is not known to its room")?,
        }
    }
    Ok(())
}

/// A user lists their own files.
pub(super) fn user_file(look: &mut Look<'_>) -> Checked {
    let Some(file) = look.read::<UserFileKey>() else { return Ok(()) };
    let user = UserId(look.id_at(1));
    look.lies_at(&UserFileKey(user, file));
    let found = look.other(&FileKey(file))?.map(|file| file.owner);
    look.require(found == Some(user), "lists a file that is not theirs");
    Ok(())
}

/// A room lists its own complete files.
pub(super) fn room_file(look: &mut Look<'_>) -> Checked {
    let Some(file) = look.read::<RoomFileKey>() else { return Ok(()) };
    let room = RoomId(look.id_at(1));
    look.lies_at(&RoomFileKey(room, file));
    let found = look.other(&FileKey(file))?;
    let holds = found.is_some_and(|file| file.room == Some(room) && file.state == FileState::Complete);
    look.require(holds, "lists a file that is not complete and its own");
    Ok(())
}

/// A room knows the uploads for it.
pub(super) fn room_upload(look: &mut Look<'_>) -> Checked {
    let Some(file) = look.read::<RoomUploadKey>() else { return Ok(()) };
    let room = RoomId(look.id_at(1));
    look.lies_at(&RoomUploadKey(room, file));
    let found = look.other(&FileKey(file))?;
    let holds = found.is_some_and(|file| file.room == Some(room) && file.state == FileState::Uploading);
    look.require(holds, "knows an upload that is not under way for it");
    Ok(())
}

/// What is to end is an upload, and ends then.
pub(super) fn expiry(look: &mut Look<'_>) -> Checked {
    let Some(file) = look.read::<ExpiryKey>() else { return Ok(()) };
    let end: Option<Timestamp> = look.other(&FileKey(file))?.and_then(|file| file.expires_at);
    match end {
        Some(end) => look.lies_at(&ExpiryKey(end, file)),
        None => look.note("ends something that is no upload under way"),
    }
    Ok(())
}

/// What is being removed is no file any more, and has no more chunks than it says.
pub(super) fn discarded(look: &mut Look<'_>) -> Checked {
    let Some(discarded) = look.read::<DiscardedKey>() else { return Ok(()) };
    look.lies_at(&DiscardedKey(discarded.file));
    let alive = look.view.contains(&FileKey(discarded.file))?;
    look.require(!alive, "is a file, too");
    let Stored { chunks, .. } = look.chunks.of(discarded.file);
    look.require(chunks == discarded.chunks, format!("has {chunks} chunks, not {}", discarded.chunks));
    Ok(())
}

/// A quota is what the files of its user, or of its company's users, add up to.
pub(super) fn quota(look: &mut Look<'_>) -> Checked {
    let Some(record) = look.read::<QuotaKey>() else { return Ok(()) };
    let of = look.id_at(1);
    look.lies_at(&QuotaKey(of));
    let users = if look.view.contains(&CompanyKey(CompanyId(of)))? {
        look.view.list(&CompanyUsers(CompanyId(of))).unwrap_or_default()
    } else {
        vec![UserId(of)]
    };
    let mut sum = QuotaRecord::default();
    for user in users {
        for file in look.view.list(&UserFiles(user)).unwrap_or_default() {
            match look.other(&FileKey(file))? {
                Some(File { state: FileState::Complete, size, .. }) => sum.used_bytes += size,
                Some(File { state: FileState::Uploading, size, .. }) => sum.reserved_bytes += size,
                None => {}
            }
        }
    }
    look.require(sum == record, format!("is {record:?}, and the files add up to {sum:?}"));
    Ok(())
}
