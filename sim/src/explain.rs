//! Explaining: between which times each fault of a small history must begin for the history to fail.
//!
//! Shrinking says which steps matter; this says how much their time does. It moves one fault at a time, doubling the
//! distance until the history holds and then halving it, so a window is exact where failing has one stretch of time.
//! Where it has several, this finds the one around the fault. It does not know how a history is run.

use crate::history::History;
use crate::shrink::Budget;

/// The times at which one fault may begin so that the history still fails.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Window {
    /// The fault's kind.
    pub kind: &'static str,
    /// The earliest time found, in milliseconds since the storm began.
    pub from_ms: u64,
    /// The latest.
    pub to_ms: u64,
    /// Whether the history holds on either side of it; otherwise the storm's begin or end came first.
    pub is_bounded: bool,
}

/// The window of each fault of a failing history, by its steps. A fault that the budget did not reach has none.
pub fn explain(
    history: &History,
    mut still_fails: impl FnMut(&History) -> bool,
    mut budget: Budget<impl FnMut() -> bool>,
) -> Vec<Window> {
    let mut windows = Vec::new();
    let mut runs = 0;
    for (index, step) in history.steps.iter().enumerate() {
        let Some(fault) = step.action.fault() else { continue };
        let mut fails_at = |at_ms| {
            if runs >= budget.runs || (budget.expired)() {
                return None;
            }
            runs += 1;
            Some(still_fails(&moved(history, index, at_ms)))
        };
        let back = reach(step.at_ms, |distance| fails_at(step.at_ms - distance));
        let forth =
            reach(history.settings.storm_ms.saturating_sub(step.at_ms), |distance| fails_at(step.at_ms + distance));
        let (Some(back), Some(forth)) = (back, forth) else { break };
        windows.push(Window {
            kind: fault.kind(),
            from_ms: step.at_ms - back.distance,
            to_ms: step.at_ms + forth.distance,
            is_bounded: back.holds_beyond || forth.holds_beyond,
        });
    }
    windows
}

/// How far a fault can be moved one way.
struct Reach {
    distance: u64,
    holds_beyond: bool,
}

/// The greatest distance up to `most` at which it still fails; `None` if the budget ended first.
fn reach(most: u64, mut fails: impl FnMut(u64) -> Option<bool>) -> Option<Reach> {
    let mut failing = 0;
    let mut next = 1;
    let mut holding = loop {
        if failing >= most {
            return Some(Reach { distance: most, holds_beyond: false });
        }
        next = most.min(next);
        if !fails(next)? {
            break next;
        }
        failing = next;
        next *= 2;
    };
    while holding - failing > 1 {
        let middle = failing + (holding - failing) / 2;
        if fails(middle)? { failing = middle } else { holding = middle }
    }
    Some(Reach { distance: failing, holds_beyond: true })
}

/// The history with one step at another time.
fn moved(history: &History, index: usize, at_ms: u64) -> History {
    let mut moved = history.clone();
    moved.steps[index].at_ms = at_ms;
    // Stable: steps at the same time keep their order.
    moved.steps.sort_by_key(|step| step.at_ms);
    moved
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::faults::{Fault, Reset, Target};
    use crate::history::{Action, Profile, Step};

    fn history(at_ms: u64) -> History {
        let mut history = History::from_seed(1, &Profile::calm());
        history.settings.storm_ms = 10_000;
        let fault = Fault::Reset(Reset { target: Target::Everyone });
        history.steps = vec![Step { id: 1, at_ms, action: Action::Fault(fault) }];
        history
    }

    fn windows(history: &History, fails: std::ops::RangeInclusive<u64>, runs: u32) -> Vec<Window> {
        let still_fails = |history: &History| fails.contains(&history.steps[0].at_ms);
        explain(history, still_fails, Budget { runs, expired: || false })
    }

    #[test]
    fn a_window_is_exact_and_costs_few_runs() {
        let window = Window { kind: "reset", from_ms: 4_216, to_ms: 4_224, is_bounded: true };
        assert_eq!(windows(&history(4_220), 4_216..=4_224, 20), [window]);
    }

    #[test]
    fn a_fault_that_may_begin_at_any_time_is_not_bounded() {
        let window = Window { kind: "reset", from_ms: 0, to_ms: 10_000, is_bounded: false };
        assert_eq!(windows(&history(4_220), 0..=10_000, 40), [window]);
    }

    #[test]
    fn without_a_budget_there_is_no_window() {
        assert_eq!(windows(&history(4_220), 4_216..=4_224, 3), []);
    }
}
