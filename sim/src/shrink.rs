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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::faults::{Cut, Fault, Target};
    use crate::history::{Action, Profile, Step};

    fn unlimited(history: History, still_fails: impl FnMut(&History) -> bool) -> Shrunk {
        let shrunk = shrink(history, still_fails, Budget { runs: u32::MAX, expired: || false });
        assert!(shrunk.finished);
        assert_eq!(shrunk.history.flaws(), []);
        shrunk
    }

    /// A standard history: 150 user steps and more, so that bounds on runs mean something.
    fn drawn(seed: u64) -> History {
        History::from_seed(seed, &Profile::standard())
    }

    fn ids(history: &History) -> Vec<u32> {
        history.steps.iter().map(|step| step.id).collect()
    }

    #[test]
    fn a_few_steps_far_apart_are_found() {
        let mut most_runs = 0;
        for seed in 0..100 {
            let history = drawn(seed);
            let cut = history.steps.iter().filter(|step| step.action.fault().is_some()).map(|step| step.id).next_back();
            let needed = [7, 31, cut.expect("a standard history has faults")];
            let needs = |history: &History| needed.iter().all(|id| ids(history).contains(id));
            let shrunk = unlimited(history, needs);
            assert!(needed.iter().all(|id| ids(&shrunk.history).contains(id)), "{seed}");
            // A room has to be created before it is spoken in.
            assert!(shrunk.history.steps.len() <= 5, "{seed}: {:?}", shrunk.history.steps);
            most_runs = most_runs.max(shrunk.runs);
        }
        assert!(most_runs <= 80, "{most_runs} runs");
    }

    #[test]
    fn what_only_matters_in_its_order_is_found() {
        let fails = |history: &History| sends_before_a_crash(history) >= 2;
        let (mut most_runs, mut shrinks) = (0, 0);
        for seed in 0..100 {
            let history = drawn(seed);
            // Few have their crashes before anybody has said two things.
            if !fails(&history) {
                continue;
            }
            shrinks += 1;
            let shrunk = unlimited(history, fails);
            // A room has to be created before it is spoken in, and who was invited has to come before they speak.
            let makes =
                |step: &&Step| matches!(step.action, Action::CreateRoom(_) | Action::Invite(_) | Action::Accept(_));
            let made = shrunk.history.steps.iter().filter(makes).count();
            assert_eq!(shrunk.history.steps.len() - made, 3, "{seed}: {:?}", shrunk.history.steps);
            assert!(made <= 3, "{seed}: {:?}", shrunk.history.steps);
            let (users, rooms) = (shrunk.history.users.len(), shrunk.history.rooms.len());
            assert!(users <= 2 + made && rooms <= 2, "{seed}: {users} users, {rooms} rooms: {:?}", shrunk.history);
            assert!(shrunk.history.steps.iter().all(|step| step.at_ms == 0), "{seed}: {:?}", shrunk.history.steps);
            most_runs = most_runs.max(shrunk.runs);
        }
        assert!(most_runs <= 60 && shrinks >= 90, "{most_runs} runs, {shrinks} histories");
    }

    #[test]
    fn a_dozen_steps_with_their_times_cost_few_runs() {
        let mut most_runs = 0;
        for seed in 0..100 {
            let history = drawn(seed);
            // Of those that name nothing which another step makes: what is named would be kept too.
            let there = History { steps: Vec::new(), ..history.clone() }.names_there();
            let alone = |step: &&Step| step.action.names().iter().all(|name| name.is_among(&there) || name.makes);
            let alone: Vec<u32> = history.steps.iter().filter(alone).map(|step| step.id).collect();
            let from = (0..10).map(|index| 3 + 17 * index);
            let needed: Vec<u32> = from.filter_map(|from| alone.iter().copied().find(|id| *id >= from)).collect();
            // Times matter: none of the ten may come closer to the next than half of what it was.
            let at = |history: &History| -> Vec<u64> {
                let needed = history.steps.iter().filter(|step| needed.contains(&step.id));
                needed.map(|step| step.at_ms).collect()
            };
            let original = at(&history);
            let shrunk = unlimited(history, |history| {
                let times = at(history);
                times.len() == needed.len()
                    && times
                        .windows(2)
                        .zip(original.windows(2))
                        .all(|(now, was)| 2 * (now[1] - now[0]) >= was[1] - was[0])
            });
            assert!(shrunk.history.steps.len() <= 12, "{seed}: {:?}", shrunk.history.steps);
            most_runs = most_runs.max(shrunk.runs);
        }
        assert!(most_runs <= 200, "{most_runs} runs");
    }

    #[test]
    fn faults_lose_what_does_not_matter() {
        let hits_anas_phone = |cut: &Cut| cut.for_ms >= 450 && cut.target.covers("ana/phone");
        let fails = |history: &History| {
            history.devices().any(|device| device == "ana/phone")
                && history.faults().any(|fault| matches!(fault, Fault::Cut(cut) if hits_anas_phone(cut)))
        };
        let failing: Vec<_> = (0..100).map(drawn).filter(fails).collect();
        assert!(failing.len() > 10);
        for history in failing {
            let shrunk = unlimited(history, fails).history;
            let [Step { at_ms: 0, action: Action::Fault(Fault::Cut(cut)), .. }] = &shrunk.steps[..] else {
                panic!("not one cut at once: {:?}", shrunk.steps)
            };
            assert_eq!(cut.target, Target::Device("ana/phone".into()));
            assert!((450..1_000).contains(&cut.for_ms), "{}", cut.for_ms);
            assert_eq!((shrunk.users.len(), shrunk.rooms.len(), shrunk.settings.storm_ms), (1, 0, cut.for_ms));
        }
    }

    #[test]
    fn the_same_failure_shrinks_the_same_way() {
        let shrunk = || unlimited(drawn(3), |history| sends_before_a_crash(history) >= 3);
        assert_eq!(shrunk(), shrunk());
    }

    #[test]
    fn no_history_is_run_twice_and_each_makes_sense() {
        let mut run = Vec::new();
        unlimited(drawn(11), |history| {
            assert_eq!(history.flaws(), []);
            assert!(!run.contains(history), "run twice");
            run.push(history.clone());
            sends_before_a_crash(history) >= 2
        });
        assert!(run.len() > 20);
    }

    #[test]
    fn a_budget_ends_it_with_the_best_so_far() {
        let fails = |history: &History| sends_before_a_crash(history) >= 2;
        let few = shrink(drawn(5), fails, Budget { runs: 10, expired: || false });
        assert_eq!((few.runs, few.finished), (10, false));
        assert!(fails(&few.history) && few.history.steps.len() < drawn(5).steps.len());

        let mut left = 4;
        let expired = || {
            left -= 1;
            left < 0
        };
        let short = shrink(drawn(5), fails, Budget { runs: 100, expired });
        assert_eq!((short.runs, short.finished), (4, false));
    }

    fn sends_before_a_crash(history: &History) -> usize {
        let crash = history.steps.iter().rposition(|step| step.action.fault().is_some_and(Fault::is_crash));
        let before = &history.steps[..crash.unwrap_or(0)];
        before.iter().filter(|step| matches!(step.action, Action::Send(_))).count()
    }
}
