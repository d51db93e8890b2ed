//! What the feed remembers of each file between two looks at it. All of it can be forgotten: the next look finds it again.

use std::collections::{BTreeMap, BTreeSet};

use tokio::time::Instant;

use super::reading::Tail;
use crate::platform::{FeedPath, FeedStamp};
use crate::protocol::RoomId;

/// One file.
#[derive(Debug, Default)]
pub(super) struct FileState {
    /// When it was looked at last.
    pub(super) stamp: Option<FeedStamp>,
    /// It was read whole since its last change, and everything that it says was done.
    pub(super) done: bool,
    /// Where to read on, when everything before it was done.
    pub(super) tail: Option<Tail>,
    /// The room that it feeds.
    pub(super) room: Option<RoomId>,
    /// Since when known lines are gone.
    pub(super) missing: BTreeMap<String, Instant>,
    /// What was logged of it: not again until it changes.
    pub(super) told: BTreeSet<String>,
}

/// All files that were seen at the last scan or since, by name.
pub(super) type Files = BTreeMap<FeedPath, FileState>;

impl FileState {
    /// Whether a look can be left out.
    pub(super) fn is_done(&self, stamp: &FeedStamp) -> bool {
        self.done && self.stamp.as_ref() == Some(stamp)
    }

    /// Whether this was not told of this state of the file.
    pub(super) fn tell(&mut self, what: &str) -> bool {
        self.told.insert(what.to_owned())
    }

    /// Notes which known lines are gone, and gives those that have been for `settle_ms`.
    pub(super) fn due(&self, now: Instant, settle: std::time::Duration) -> BTreeSet<String> {
        let due = self.missing.iter().filter(|(_, since)| now.duration_since(**since) >= settle);
        due.map(|(id, _)| id.clone()).collect()
    }

    /// Notes which known lines are gone.
    pub(super) fn set_missing(&mut self, missing: BTreeSet<String>, now: Instant) {
        self.missing = missing.into_iter().map(|id| (id.clone(), *self.missing.get(&id).unwrap_or(&now))).collect();
    }
}
