//! Threads: each has a root, its replies and its followers, and is found by all of them.

use super::look::{Checked, Look};
use crate::protocol::{MessageId, RoomId, ThreadId};
use crate::store::key::{
    MessageKey, MessagePlaceKey, ReplyKey, RoomKey, RootThreadKey, ThreadFollowerKey, ThreadKey, ThreadPlaceKey,
    UserKey,
};

/// A thread is of a room and below a message that are there, and both find it.
pub(super) fn thread(look: &mut Look<'_>) -> Checked {
    let Some(thread) = look.read::<ThreadKey>() else { return Ok(()) };
    look.lies_at(&ThreadKey(thread.room, thread.seq));
    look.needs(&RoomKey(thread.room), "is of a room that is not there")?;
    look.needs(&MessagePlaceKey(thread.room, thread.root), "is below a message that is not there")?;
    look.needs(&RootThreadKey(thread.room, thread.root), "is not found by its root")?;
    look.needs(&ThreadPlaceKey(thread.room, thread.id), "is not found by its identifier")
}

/// An identifier leads to the thread that has it.
pub(super) fn place(look: &mut Look<'_>) -> Checked {
    let Some(seq) = look.read::<ThreadPlaceKey>() else { return Ok(()) };
    let (room, id) = (RoomId(look.id_at(1)), ThreadId(look.id_at(17)));
    look.lies_at(&ThreadPlaceKey(room, id));
    let found = look.other(&ThreadKey(room, seq))?.map(|thread| thread.id);
    look.require(found == Some(id), "leads to no thread that has it");
    Ok(())
}

/// A message leads to the thread below it.
pub(super) fn of_root(look: &mut Look<'_>) -> Checked {
    let Some(seq) = look.read::<RootThreadKey>() else { return Ok(()) };
    let (room, root) = (RoomId(look.id_at(1)), MessageId(look.id_at(17)));
    look.lies_at(&RootThreadKey(room, root));
    let found = look.other(&ThreadKey(room, seq))?.map(|thread| thread.root);
    look.require(found == Some(root), "leads to no thread below it");
    Ok(())
}

/// A reply is a message that says so.
pub(super) fn reply(look: &mut Look<'_>) -> Checked {
    let Some(seq) = look.read::<ReplyKey>() else { return Ok(()) };
    let (room, thread) = (RoomId(look.id_at(1)), ThreadId(look.id_at(17)));
    look.lies_at(&ReplyKey(room, thread, seq));
    let found = look.other(&MessageKey(room, seq))?.and_then(|message| message.thread);
    look.require(found == Some(thread), "is no message of the thread");
    look.needs(&ThreadPlaceKey(room, thread), "is in a thread that is not there")
}

/// A follower is a user, and the thread is there.
pub(super) fn follower(look: &mut Look<'_>) -> Checked {
    let Some(user) = look.read::<ThreadFollowerKey>() else { return Ok(()) };
    let (room, thread) = (RoomId(look.id_at(1)), ThreadId(look.id_at(17)));
    look.lies_at(&ThreadFollowerKey(room, thread, user));
    look.needs(&UserKey(user), "is a user who is not there")?;
    look.needs(&ThreadPlaceKey(room, thread), "follows a thread that is not there")
}
