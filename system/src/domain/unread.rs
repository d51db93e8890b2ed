//! How many messages came after a position, without looking at each.
//!
//! The positions of a room are divided into blocks of 128, and these into blocks of 16,384. For each block that is not
//! empty two numbers are kept, of everybody's messages and of each author's, so that what a user wrote themselves can be
//! taken off. A message costs four small records when it is created, and the same four when it is deleted. To count
//! what came after a position reads at most 127 messages, 2 x 127 small records, and 2 more for each 16,384 positions:
//! a few hundred reads in a room of a million messages, wherever the position is.

use uuid::Uuid;

use crate::protocol::{Message, RoomId, UserId};
use crate::refusal::Answer;
use crate::store::key::{COUNT_LEVELS, CountKey, MessageKey};
use crate::store::{Draft, View};

/// A message is there from now on.
pub(super) fn appeared(draft: &mut Draft<'_>, message: &Message) -> Answer<()> {
    add(draft, message, |count| count.saturating_add(1))
}

/// A message counts no longer.
pub(super) fn disappeared(draft: &mut Draft<'_>, message: &Message) -> Answer<()> {
    add(draft, message, |count| count.saturating_sub(1))
}

/// How many messages of others than `user` came after a position and were not deleted.
pub(super) fn of_others_after(view: &View<'_>, room: RoomId, user: UserId, after: u64) -> Answer<u64> {
    let [small, large] = COUNT_LEVELS;
    let first = after.saturating_add(1);
    let whole_small = first.next_multiple_of(small);
    let whole_large = first.next_multiple_of(large);
    let begun = view.range(&MessageKey(room, first), &MessageKey(room, whole_small), usize::MAX)?;
    let begun = begun.iter().filter(|message| message.deleted_at.is_none() && message.author != user).count();
    let blocks = |of: Uuid| -> Answer<u64> {
        let key = |level, block| CountKey(room, of, level, block);
        let smalls = view.range(&key(0, whole_small / small), &key(0, whole_large / small), usize::MAX)?;
        let larges = view.range(&key(1, whole_large / large), &key(1, u64::MAX), usize::MAX)?;
        Ok(smalls.iter().chain(&larges).sum())
    };
    Ok(begun as u64 + blocks(Uuid::nil())?.saturating_sub(blocks(user.0)?))
}

fn add(draft: &mut Draft<'_>, message: &Message, change: impl Fn(u64) -> u64) -> Answer<()> {
    for of in [Uuid::nil(), message.author.0] {
        for (level, positions) in (0..).zip(COUNT_LEVELS) {
            let key = CountKey(message.room, of, level, message.seq / positions);
            let count = change(draft.get(&key)?.unwrap_or(0));
            if count == 0 {
                draft.delete(&key);
            } else {
                draft.put(&key, &count);
            }
        }
    }
    Ok(())
}
