//! Messages: each is what an event of its room's stream has created, is found and counted.

use uuid::Uuid;

use super::look::{Checked, Look};
use crate::protocol::{EventBody, MessageId, RoomId, StreamId};
use crate::store::StoreError;
use crate::store::key::{COUNT_LEVELS, CountKey, MessageKey, MessagePlaceKey, RoomKey};

/// A message is of a room that is there, and its place in the log says so.
pub(super) fn message(look: &mut Look<'_>) -> Checked {
    let Some(message) = look.read::<MessageKey>() else { return Ok(()) };
    look.lies_at(&MessageKey(message.room, message.seq));
    look.needs(&RoomKey(message.room), "is of a room that is not there")?;
    look.needs(&MessagePlaceKey(message.room, message.id), "is not found by its identifier")?;
    if message.deleted_at.is_none() {
        for of in [Uuid::nil(), message.author.0] {
            let block = message.seq / COUNT_LEVELS[0];
            look.needs(&CountKey(message.room, 0, block, of), "is not counted")?;
        }
    }
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

/// An identifier leads to the message that has it.
pub(super) fn place(look: &mut Look<'_>) -> Checked {
    let Some(seq) = look.read::<MessagePlaceKey>() else { return Ok(()) };
    let (room, id) = (RoomId(look.id_at(1)), MessageId(look.id_at(17)));
    look.lies_at(&MessagePlaceKey(room, id));
    let found = look.other(&MessageKey(room, seq))?.map(|message| message.id);
    look.require(found == Some(id), "leads to no message that has it");
    Ok(())
}

/// A count is the number of messages in its block that are not deleted, or of the blocks that it is made of.
pub(super) fn count(look: &mut Look<'_>) -> Checked {
    let Some(count) = look.read::<CountKey>() else { return Ok(()) };
    let (room, of) = (RoomId(look.id_at(1)), look.id_at(26));
    let [small, large] = COUNT_LEVELS;
    let level = look.key.get(17).copied().unwrap_or_default();
    let block = look.key.get(18..).and_then(<[u8]>::first_chunk::<8>).map_or(0, |bytes| u64::from_be_bytes(*bytes));
    look.lies_at(&CountKey(room, level, block, of));
    let counted = match level {
        0 => {
            let (first, end) = (
                MessageKey(room, block.saturating_mul(small)),
                MessageKey(room, block.saturating_add(1).saturating_mul(small)),
            );
            let messages = match look.view.range(&first, &end, usize::MAX) {
                Err(StoreError::Damaged { .. }) => return Ok(()),
                other => other?,
            };
            let counts = messages.iter().filter(|message| message.deleted_at.is_none());
            counts.filter(|message| of.is_nil() || message.author.0 == of).count() as u64
        }
        1 => {
            let smalls = large / small;
            let first = block.saturating_mul(smalls);
            let mut sum = 0;
            for small in first..first.saturating_add(smalls) {
                match look.view.get(&CountKey(room, 0, small, of)) {
                    Err(StoreError::Damaged { .. }) => return Ok(()),
                    other => sum += other?.unwrap_or(0),
                }
            }
            sum
        }
        _ => 0,
    };
    look.require(count == counted, format!("says {count}, and there are {counted}"));
    Ok(())
}
