//! A run is a function of its history, within one process too (SIM-3). `cargo sim check-determinism` goes further: it
//! compares two processes.

use std::thread;

use sim::history::{History, Profile};
use sim::report::{Divergence, Moment};
use sim::world::{self, Options, Run};

fn run(history: &History) -> Run {
    world::run(history, Options::default())
}

#[track_caller]
fn assert_equal(history: &History, first: &Run, second: &Run) {
    let [here, there] = [first, second].map(Moment::all);
    assert_eq!(Divergence::between(history.seed, "the other run", &here, &there), None);
    assert!(first.trace == second.trace, "the entries differ where no moment does");
    assert_eq!(first.fingerprint, second.fingerprint);
    assert_eq!(first.activity.head, second.activity.head, "what was done between the observations differs");
}

#[test]
fn a_history_is_the_same_run_each_time() {
    for seed in 0..3 {
        let history = History::from_seed(seed, &Profile::harsh());
        assert_equal(&history, &run(&history), &run(&history));
    }
}

#[test]
fn a_simulation_beside_it_changes_nothing() {
    let history = History::from_seed(7, &Profile::standard());
    let alone = run(&history);
    let others = [History::from_seed(8, &Profile::harsh()), history.clone()];
    let beside = thread::scope(|scope| {
        let others = others.each_ref().map(|other| scope.spawn(move || run(other)));
        let beside = run(&history);
        let [other, twin] = others.map(|other| other.join().expect("a simulation does not panic"));
        assert_ne!(other.fingerprint, beside.fingerprint, "another history is another run");
        assert_equal(&history, &beside, &twin);
        beside
    });
    assert_equal(&history, &alone, &beside);
}

#[test]
fn another_seed_is_another_run() {
    let history = History::from_seed(7, &Profile::calm());
    let other = History { seed: 8, ..history.clone() };
    assert_ne!(run(&history).fingerprint, run(&other).fingerprint, "the weather is keyed by the seed");
}
