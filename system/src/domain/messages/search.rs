//! Search: which messages of a room hold a text. There is no index: a page looks at a bounded number of messages, from
//! the newest back, and its `next` goes on where it stopped, so that no search holds the server however long a room is.

use crate::domain::bounds::Bounds;
use crate::domain::paging::before;
use crate::domain::rights::{acting, readable_room};
use crate::protocol::{Message, Page, RoomId};
use crate::refusal::Answer;
use crate::store::key::{MessageKey, RoomMessages};
use crate::store::{Actor, View};

/// How many messages are in memory at a time.
const BATCH: usize = 128;

/// How much one page may cost.
#[derive(Clone, Copy, Debug)]
pub struct SearchLimits {
    /// How many messages it finds at most.
    pub found: usize,
    /// How many messages it looks at at most.
    pub looked_at: usize,
}

/// Messages that hold `query`, whatever its case, oldest first; `next` leads to older ones. A page may be empty and
/// have a `next` all the same: it has looked at as many as one page may. Deleted messages hold nothing.
///
/// # Errors
/// [`NotFound`](crate::protocol::ErrorCode::NotFound), [`Forbidden`](crate::protocol::ErrorCode::Forbidden), bounds, a
/// cursor that is none.
pub fn search(
    view: &View<'_>,
    actor: Actor,
    room: RoomId,
    query: &str,
    cursor: Option<&str>,
    limits: SearchLimits,
) -> Answer<Page<Message>> {
    let caller = acting(view, actor)?;
    Bounds::default().query("query", query).check()?;
    readable_room(view, &caller, room)?;
    let wanted = query.to_lowercase();
    let mut before = before(cursor)?;
    let mut left = limits.looked_at;
    let mut items = Vec::new();
    let next = 'search: loop {
        let batch = view.last_up_to(&RoomMessages(room), &MessageKey(room, before), left.min(BATCH))?;
        let exhausted = batch.len() < left.min(BATCH);
        left -= batch.len();
        for message in batch.into_iter().rev() {
            before = message.seq;
            if message.body.to_lowercase().contains(&wanted) {
                items.push(message);
                if items.len() == limits.found {
                    break 'search Some(before);
                }
            }
        }
        if exhausted {
            break None;
        }
        if left == 0 {
            break Some(before);
        }
    };
    items.reverse();
    Ok(Page { items, next: next.map(|seq| seq.to_string()) })
}
