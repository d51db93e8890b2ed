//! What is kept of a conversation's lines, as the feed remembers it while a file is busy. The store decides; this only
//! saves asking it for every line of a file that has got one more.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::feed::Kept;
use crate::protocol::RoomId;
use crate::store::key::{FeedBadLines, FeedLines};
use crate::store::{FeedLine, StoreError, View};

/// The lines of one conversation.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Ledger {
    /// Those that became messages, by their own identifiers.
    pub lines: BTreeMap<String, FeedLine>,
    /// The digests of those that cannot be read and never became anything.
    pub bad: BTreeSet<String>,
}

impl Ledger {
    /// Reads it from the store.
    ///
    /// # Errors
    /// The store fails.
    pub fn load(view: &View<'_>, room: RoomId) -> Result<Self, StoreError> {
        let lines = view.list(&FeedLines(room))?.into_iter().map(|line| (line.id.clone(), line)).collect();
        Ok(Self { lines, bad: view.list(&FeedBadLines(room))?.into_iter().collect() })
    }

    /// Takes over what a step has left.
    pub fn keep(&mut self, kept: Kept) {
        match kept {
            Kept::Line(line) => drop(self.lines.insert(line.id.clone(), line)),
            Kept::NoLine(id) => drop(self.lines.remove(&id)),
            Kept::Bad(digest) => drop(self.bad.insert(digest)),
            Kept::NotBad(digest) => drop(self.bad.remove(&digest)),
        }
    }
}
