//! The one shrinker: for a history that was just drawn and for one that was saved.
//!
//! proptest's contract, tried history by tried history: `simplify` is told that the current one still fails, and offers
//! a simpler one; `complicate` is told that the current one does not fail any more, and offers another instead, or goes
//! back to the last that did. What is offered in which order is decided in [`pass`](super::pass).

use std::collections::{BTreeSet, VecDeque};

use proptest::strategy::ValueTree;
use xxhash_rust::xxh3::xxh3_128;

use super::History;
use super::edit::Edit;
use super::pass::Pass;

/// A history on its way to the smallest that still fails.
#[derive(Clone, Debug)]
pub struct HistoryTree {
    /// The simplest that is known to fail.
    failing: History,
    /// What is offered now, and how it came about.
    offered: Option<(History, Edit)>,
    /// What the pass has not offered yet.
    edits: VecDeque<Edit>,
    pass: Option<Pass>,
    /// Some edit of the running pass was right.
    progressed: bool,
    /// Hashes of all that was offered: whether a history fails does not change.
    known: BTreeSet<u128>,
}

impl HistoryTree {
    /// Begins with `history`, which is assumed to fail.
    pub fn new(history: History) -> Self {
        let known = BTreeSet::from([hash(&history)]);
        let pass = Pass::first(&history);
        let edits = pass.edits(&history);
        Self { failing: history, offered: None, edits, pass: Some(pass), progressed: false, known }
    }

    /// The simplest history that is known to fail.
    pub fn failing(&self) -> &History {
        &self.failing
    }

    /// Offers the next history that was never offered; false if there is none.
    fn offer(&mut self) -> bool {
        loop {
            while let Some(edit) = self.edits.pop_front() {
                let Some(candidate) = edit.apply(&self.failing) else { continue };
                if self.known.insert(hash(&candidate)) {
                    self.offered = Some((candidate, edit));
                    return true;
                }
            }
            let Some(pass) = self.pass.take() else { return false };
            self.pass = pass.next(&self.failing, std::mem::take(&mut self.progressed));
            self.edits = self.pass.as_ref().map(|pass| pass.edits(&self.failing)).unwrap_or_default();
        }
    }
}

impl ValueTree for HistoryTree {
    type Value = History;

    fn current(&self) -> History {
        self.offered.as_ref().map_or(&self.failing, |(history, _)| history).clone()
    }

    fn simplify(&mut self) -> bool {
        if let Some((history, edit)) = self.offered.take() {
            self.failing = history;
            self.progressed = true;
            self.edits.retain(|later| !later.is_outdone_by(&edit));
        }
        self.offer()
    }

    fn complicate(&mut self) -> bool {
        // Without an offer there is nothing to take back. With one, something changes even if no other follows.
        self.offered.take().is_some() && {
            self.offer();
            true
        }
    }
}

fn hash(history: &History) -> u128 {
    xxh3_128(&serde_json::to_vec(history).expect("a history has string keys and finite numbers"))
}
