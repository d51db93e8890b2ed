//! How many messages came after a position, without looking at each.
//!
//! The positions of a room are divided into blocks of 128, and these into blocks of 16,384. For each block that is not
//! empty two numbers are kept, of everybody's messages and of each author's, so that what a user wrote themselves can be
//! taken off. A message costs four small records when it is created, and the same four when it is deleted. To count
//! what came after a position reads at most 127 messages, 2 x 127 small records, and 2 more for each 16,384 positions:
//! a few hundred reads in a room of a million messages, wherever the position is.

use std::ops::Range;

use uuid::Uuid;

use crate::protocol::{Message, RoomId, StreamId, UserId};
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
    let head = view.head(StreamId::Room(room))?.map_or(0, |head| head.seq);
    let Spans { begun, small, large } = Spans::after(after, head);
    let begun = view.range(&MessageKey(room, begun.start), &MessageKey(room, begun.end), usize::MAX)?;
    let begun = begun.iter().filter(|message| message.deleted_at.is_none() && message.author != user).count();
    let blocks = |of: Uuid| -> Answer<u64> {
        let small = small.clone().map(|block| CountKey(room, 0, block, of));
        let large = large.clone().map(|block| CountKey(room, 1, block, of));
        small.chain(large).try_fold(0, |sum, key| Ok(sum + view.get(&key)?.unwrap_or(0)))
    };
    Ok(begun as u64 + blocks(Uuid::nil())?.saturating_sub(blocks(user.0)?))
}

/// Everything after a position and up to the newest one, each of it once.
struct Spans {
    /// Positions up to the end of the block in which it begins.
    begun: Range<u64>,
    /// The small blocks after that, up to the end of a large one.
    small: Range<u64>,
    /// The large blocks after that.
    large: Range<u64>,
}

impl Spans {
    fn after(position: u64, head: u64) -> Self {
        let [small, large] = COUNT_LEVELS;
        let first = position.saturating_add(1);
        let (next_small, next_large) = (first.next_multiple_of(small), first.next_multiple_of(large));
        Self {
            begun: first..next_small,
            small: next_small / small..(next_large / small).min(head / small + 1),
            large: next_large / large..head / large + 1,
        }
    }
}

fn add(draft: &mut Draft<'_>, message: &Message, change: impl Fn(u64) -> u64) -> Answer<()> {
    for of in [Uuid::nil(), message.author.0] {
        for (level, positions) in (0..).zip(COUNT_LEVELS) {
            let key = CountKey(message.room, level, message.seq / positions, of);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_later_position_is_counted_once_and_no_earlier_one() {
        let [small, large] = COUNT_LEVELS;
        let near = |position: u64| position.saturating_sub(2)..position + 3;
        let head = 3 * large + 2;
        let interesting = [0, small, 2 * small, large - small, large, large + small, 3 * large].map(near);
        for after in interesting.clone().into_iter().flatten() {
            let spans = Spans::after(after, head);
            assert!(spans.begun.end - spans.begun.start < small && spans.small.end - spans.small.start < large / small);
            for position in interesting.clone().into_iter().flatten() {
                let counted = [
                    spans.begun.contains(&position),
                    spans.small.contains(&(position / small)),
                    spans.large.contains(&(position / large)),
                ];
                let times = counted.into_iter().filter(|counted| *counted).count();
                assert_eq!(times, usize::from(position > after), "{position} after {after}");
            }
        }
    }
}
