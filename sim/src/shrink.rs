//! Shrinking: from a history that fails to the smallest that still does, in as few runs as possible (SIM-4).
//!
//! This drives a [`HistoryTree`] by proptest's contract and counts. It does not know what failing means, nor how a
//! history is run.

use proptest::strategy::ValueTree;

use crate::history::{History, HistoryTree};

/// How much shrinking may cost.
#[derive(Debug)]
pub struct Budget<E> {
    /// How many histories may be run.
    pub runs: u32,
    /// Asked before each run: whether the time is up. The caller has a clock, this module has none.
    pub expired: E,
}

/// What shrinking came to.
#[derive(Clone, PartialEq, Debug)]
pub struct Shrunk {
    /// The smallest history found that still fails.
    pub history: History,
    /// How many histories were run.
    pub runs: u32,
    /// Nothing more was left to try; otherwise the budget was used up.
    pub finished: bool,
}

/// Finds a small history for which `still_fails` holds, beginning with `history`, for which it must hold.
///
/// The same history, predicate and number of runs give the same result.
pub fn shrink(
    history: History,
    mut still_fails: impl FnMut(&History) -> bool,
    mut budget: Budget<impl FnMut() -> bool>,
) -> Shrunk {
    let mut tree = HistoryTree::new(history);
    let mut runs = 0;
    let mut offered = tree.simplify();
    while offered {
        let candidate = tree.current();
        // The tree goes back to a history that was run before when it has no other to offer.
        let fails = candidate == *tree.failing() || {
            if runs >= budget.runs || (budget.expired)() {
                return Shrunk { history: tree.failing().clone(), runs, finished: false };
            }
            runs += 1;
            still_fails(&candidate)
        };
        offered = if fails { tree.simplify() } else { tree.complicate() };
    }
    Shrunk { history: tree.failing().clone(), runs, finished: true }
}
