//! Who may do what with a file. A room's file follows the room: who loses the room loses its files (PROTOCOL.md,
//! promise 6).

use super::super::rights::{readable_room, writable_room};
use crate::protocol::{ErrorCode, File, FileId, FileState, Role, Timestamp, User};
use crate::refusal::{Answer, Refusal};
use crate::store::View;
use crate::store::key::FileKey;

/// A file that the user may know of: it is theirs, or it is complete and of a room that they may read.
///
/// # Errors
/// [`ErrorCode::NotFound`]: whether it exists is not told.
pub(super) fn visible_file(view: &View<'_>, user: &User, id: FileId, now: Timestamp) -> Answer<File> {
    let file = of_company(view, user, id, now)?;
    if file.owner == user.id || (file.state == FileState::Complete && reads_room_of(view, user, &file)?) {
        return Ok(file);
    }
    Err(hidden())
}

/// A complete file whose content the user may read: of a room that they may read, or of no room and theirs.
///
/// # Errors
/// [`ErrorCode::NotFound`] if they may not know of it, [`ErrorCode::Forbidden`] if they may but not read it,
/// [`ErrorCode::FileIncomplete`].
pub(super) fn readable_file(view: &View<'_>, user: &User, id: FileId, now: Timestamp) -> Answer<File> {
    let file = visible_file(view, user, id, now)?;
    if file.state == FileState::Uploading {
        return Err(Refusal::new(
            ErrorCode::FileIncomplete,
            "the upload is still under way: read it once it is complete",
        ));
    }
    if file.room.is_some() && !reads_room_of(view, user, &file)? {
        return Err(Refusal::forbidden("you are no longer a member of the room that the file is in"));
    }
    Ok(file)
}

/// A file that the user may continue: it is theirs, and they may still write to its room. A complete one is given
/// too: nothing can be added to it.
///
/// # Errors
/// [`ErrorCode::NotFound`] if they may not know of it, [`ErrorCode::Forbidden`] if they may but not continue it.
pub(super) fn own_upload(view: &View<'_>, user: &User, id: FileId, now: Timestamp) -> Answer<File> {
    let file = visible_file(view, user, id, now)?;
    if file.owner != user.id {
        return Err(Refusal::forbidden("only who created an upload continues it"));
    }
    if let (Some(room), FileState::Uploading) = (file.room, file.state) {
        writable_room(view, user, room)?;
    }
    Ok(file)
}

/// A file that the user may delete: theirs, or any of the company for admins.
///
/// # Errors
/// [`ErrorCode::NotFound`] if they may not know of it, [`ErrorCode::Forbidden`] if they may but not delete it.
pub(super) fn deletable_file(view: &View<'_>, user: &User, id: FileId, now: Timestamp) -> Answer<File> {
    if user.role >= Role::Admin {
        return of_company(view, user, id, now);
    }
    let file = visible_file(view, user, id, now)?;
    if file.owner == user.id {
        return Ok(file);
    }
    Err(Refusal::forbidden("only its owner and admins delete a file"))
}

/// An upload whose time is over is no more, whether it was swept away yet or not.
fn of_company(view: &View<'_>, user: &User, id: FileId, now: Timestamp) -> Answer<File> {
    view.get(&FileKey(id))?
        .filter(|file| file.company == user.company && file.expires_at.is_none_or(|end| now < end))
        .ok_or_else(hidden)
}

fn reads_room_of(view: &View<'_>, user: &User, file: &File) -> Answer<bool> {
    let Some(room) = file.room else { return Ok(false) };
    match readable_room(view, user, room) {
        Ok(_) => Ok(true),
        Err(refusal) if matches!(refusal.code, ErrorCode::NotFound | ErrorCode::Forbidden) => Ok(false),
        Err(refusal) => Err(refusal),
    }
}

fn hidden() -> Refusal {
    Refusal::not_found("file")
}
