//! Histories drawn from seeds: fresh ones, unless somebody names them; what once failed comes first.

use std::env;

use proptest::test_runner::{Config, FailurePersistence, FileFailurePersistence};
use sim::history::{HistoryStrategy, Profile};
use sim::judge::{self, Outcome};
use sim::report::summary::{Counter, PropertyTally};
use sim::report::{Origin, Summary};
use sim::seeds::Selection;
use sim::workspace;

use crate::committed::COMMITTED;
use crate::search::{Found, search};
use crate::trial::trial;

/// How many fresh seeds are run when `PROPTEST_CASES` does not say otherwise.
const CASES: u32 = 48;

#[test]
fn drawn_histories_hold() {
    let selection = Selection::from_environment().unwrap_or_else(|error| panic!("{error}"));
    let profile = Profile::named(&selection.profile).unwrap_or_else(|error| panic!("SIM_PROFILE: {error}"));
    let names = |kinds: Vec<judge::Named>| kinds.iter().map(|kind| kind.name).collect();
    let (operations, faults) = (names(judge::operations()), names(judge::faults()));
    let mut counter = Counter::new(profile.name, selection.seeds, operations, faults);
    if !selection.single {
        COMMITTED.iter().flatten().for_each(|digest| counter.count(digest, true));
    }
    let passed = |outcome: Outcome| counter.count(&outcome.digest(), false);
    if let Err(found) = run(&selection, profile, passed) {
        let Found { history, steps, trouble } = *found;
        panic!("\n\n{}", trouble.tell(&history, Origin::Seed, steps, &workspace::default_output()));
    }
    check_not_vacuous(&counter.finish());
}

fn run(selection: &Selection, profile: Profile, mut passed: impl FnMut(Outcome)) -> Result<(), Box<Found>> {
    if !selection.named {
        let strategy = HistoryStrategy::new(profile.clone());
        return search(strategy, config(cases(), Some(regressions(&profile))), trial, passed);
    }
    selection.seeds.iter().try_for_each(|seed| {
        search(HistoryStrategy::of_seed(seed, profile.clone()), config(1, None), trial, &mut passed)
    })
}

/// A property that never had anything to check has not held.
fn check_not_vacuous(summary: &Summary) {
    let reason = |tally: &PropertyTally| {
        format!("  {}: {}\n", tally.id, tally.vacuous_reason.as_deref().unwrap_or("it was never asked"))
    };
    let never: String = summary.never_checked().map(reason).collect();
    let runs = summary.runs;
    assert!(
        never.is_empty(),
        "\n\nVACUOUS  nothing was broken in {runs} histories, but some properties had nothing to check\n{never}\n  \
         next  SIM_SEEDS=0..64 cargo test -p sim --test histories\n"
    );
    assert!(runs > 0, "no history was run");
}

fn config(cases: u32, failure_persistence: Option<Box<dyn FailurePersistence>>) -> Config {
    Config {
        cases,
        failure_persistence,
        max_shrink_iters: judge::SHRINK_RUNS,
        max_shrink_time: u32::try_from(judge::SHRINK_TIME.as_millis()).expect("a minute is not long"),
        ..Config::default()
    }
}

fn cases() -> u32 {
    if env::var_os("PROPTEST_CASES").is_some() { Config::default().cases } else { CASES }
}

/// Where proptest notes what failed: a file for each profile, since a seed means another history in each.
fn regressions(profile: &Profile) -> Box<dyn FailurePersistence> {
    let file = format!("{}/proptest-regressions/{}.txt", env!("CARGO_MANIFEST_DIR"), profile.name);
    // proptest wants a name that lives for ever; it is made once.
    Box::new(FileFailurePersistence::Direct(file.leak()))
}
