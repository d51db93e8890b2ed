//! How a run ends that does not end by itself: it hangs, and that is a failure of its own (SIM-4).

use properties::Verdict;
use sim::history::{History, Profile};
use sim::world::{self, Options};

#[test]
fn a_run_that_hangs_is_a_failure_of_its_own() {
    let history = History::from_seed(7, &Profile::calm());
    let run = world::run(&history, Options { limit_ms: 1_000, ..Options::default() });
    let judgements = properties::check_all(&run.trace);
    let violated: Vec<_> =
        judgements.iter().filter(|judgement| matches!(judgement.verdict, Verdict::Violated(_))).collect();
    let [judgement] = violated[..] else { panic!("{violated:#?}") };
    assert_eq!(judgement.id, "liveness/ends");
    let Verdict::Violated(violation) = &judgement.verdict else { unreachable!("it was just seen to be one") };
    assert!(violation.observed.starts_with("after 36.000 s of simulated time it still hangs"), "{violation:?}");
    assert!(!violation.evidence.is_empty());
}
