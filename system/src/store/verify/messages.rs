//! Messages: each is what an event of its room's stream has created.

use super::look::{Checked, Look};
use crate::protocol::{EventBody, StreamId};
use crate::store::StoreError;
use crate::store::key::{MessageKey, RoomKey};

/// A message is of a room that is there, and its place in the log says so.
pub(super) fn message(look: &mut Look<'_>) -> Checked {
    let Some(message) = look.read::<MessageKey>() else { return Ok(()) };
    look.lies_at(&MessageKey(message.room, message.seq));
    look.needs(&RoomKey(message.room), "is of a room that is not there")?;
    let created = match look.view.events_after(StreamId::Room(message.room), message.seq.saturating_sub(1), 1) {
        Err(StoreError::Damaged { .. }) => return Ok(()),
        other => other?,
    };
    let holds = created.first().is_some_and(|commit| {
        commit.event.seq == message.seq
            && matches!(&commit.event.body, EventBody::MessageCreated(created) if created.id == message.id)
    });
    look.require(holds, "was created by no event of its room");
    Ok(())
}
