//! The one shrinker: for a history that was just drawn and for one that was saved.
//!
//! proptest's contract, tried history by tried history: `simplify` is told that the current one still fails, and offers
//! a simpler one; `complicate` is told that the current one does not fail any more, and offers another instead, or goes
//! back to the last that did. What is offered in which order is decided in `pass.rs`.

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::Profile;

    fn small(seed: u64) -> HistoryTree {
        HistoryTree::new(History::from_seed(
            seed,
            &Profile { solos: 3..=6, bursts: 1..=1, users: 2..=3, devices: 3..=3, rooms: 1..=2, ..Profile::standard() },
        ))
    }

    /// What proptest's own check of strategies asks for, on histories small enough for it.
    #[test]
    fn it_keeps_proptests_contract() {
        for seed in 0..10 {
            let mut tree = small(seed);
            loop {
                let before = tree.current();
                if !tree.simplify() {
                    assert_eq!(tree.current(), before, "`simplify` said that nothing changed");
                    break;
                }
                let mut refused = tree.clone();
                assert!(refused.complicate(), "after a simplification there is something to take back");
                let mut last = refused.current();
                while refused.complicate() {
                    last = refused.current();
                }
                assert_eq!(refused.current(), before, "with all refused it is what it was");
                assert_eq!(refused.current(), last, "`complicate` said that nothing changed");
                assert!(!refused.complicate() && !refused.simplify(), "what is done stays done");
            }
            assert!(!tree.simplify() && !tree.complicate(), "what is done stays done");
            assert_eq!(tree.current().steps, [], "if everything fails, nothing is enough");
        }
    }

    #[test]
    fn every_offer_is_a_history_that_makes_sense() {
        let mut long = 0;
        for seed in 0..20 {
            let mut tree = HistoryTree::new(History::from_seed(seed, &Profile::harsh()));
            let mut offered = tree.simplify();
            let mut count = 0_u32;
            while offered {
                assert_eq!(tree.current().flaws(), []);
                count += 1;
                // Any answer will do, as long as it is not always the same.
                offered = if hash(&tree.current()).is_multiple_of(3) { tree.simplify() } else { tree.complicate() };
            }
            long += u32::from(count > 10);
        }
        // By chance both halves of a history go at once.
        assert!(long >= 15, "only {long} of 20 were offered more than 10 others");
    }
}
