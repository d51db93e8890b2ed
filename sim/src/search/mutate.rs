//! One history made into another that is like it: a fault moved, drawn anew, made longer or added, or other weather.
//!
//! What comes out makes sense, as everything that is drawn does, and stays within the bounds of the profile: no fault
//! outlasts the storm, and there are no more of them than the profile could have drawn.

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::faults::{Fault, KINDS, Kind, Scope};
use crate::history::{Action, History, Profile, Step};
use crate::keyed::Key;

/// How close to the end of the storm a fault is moved that is moved to it.
const BEFORE_THE_END_MS: u64 = 3_000;

/// Of how many drawn faults the longest is taken where one is to be made longer.
const DRAWS: u64 = 8;

/// `history` with one change, by `key`. None: the change that the key names does not apply to it.
pub fn mutate(history: &History, key: Key, profile: &Profile) -> Option<History> {
    let mut mutant = history.clone();
    match key.with("which").below(8) {
        0 | 1 => move_fault(&mut mutant, key, true)?,
        2 => move_fault(&mut mutant, key, false)?,
        3 | 4 => redraw_fault(&mut mutant, key, profile)?,
        5 | 6 => add_fault(&mut mutant, key, profile)?,
        _ => mutant.seed = key.with("weather").u64() >> 32,
    }
    // Stable: what happens at one moment stays in its order.
    mutant.steps.sort_by_key(|step| step.at_ms);
    (mutant != *history && mutant.flaws().is_empty()).then_some(mutant)
}

/// Another time for one of the faults: right before the end of the storm, or any.
fn move_fault(history: &mut History, key: Key, to_the_end: bool) -> Option<()> {
    let place = some_fault(history, key)?;
    let lasts_ms = history.steps[place].action.fault()?.lasts_ms();
    history.steps[place].at_ms = time_for(history, lasts_ms, key, to_the_end)?;
    Some(())
}

/// One of the faults gives way to a longer one of its kind, or to one of another kind, and ends with the storm or begins
/// where it began.
fn redraw_fault(history: &mut History, key: Key, profile: &Profile) -> Option<()> {
    let place = some_fault(history, key)?;
    let kind = match key.with("same kind").chance(0.7) {
        true => {
            KINDS.iter().find(|kind| history.steps[place].action.fault().is_some_and(|it| it.kind() == kind.name))?
        }
        false => some_kind(profile, key)?,
    };
    let fault = longest_of(kind, history, profile, key)?;
    let latest_ms = history.settings.storm_ms.checked_sub(fault.lasts_ms())?;
    let step = &mut history.steps[place];
    step.at_ms = step.at_ms.min(latest_ms);
    step.action = Action::Fault(fault);
    Some(())
}

fn add_fault(history: &mut History, key: Key, profile: &Profile) -> Option<()> {
    // Those that strike alone, those in bursts, and those that bursts meet.
    let most = profile.faults.end() + profile.bursts.end() + profile.crashes.end();
    if history.faults().count() >= most {
        return None;
    }
    let fault = longest_of(some_kind(profile, key)?, history, profile, key)?;
    let at_ms = time_for(history, fault.lasts_ms(), key, key.with("late").chance(0.7))?;
    let id = history.steps.iter().map(|step| step.id).max().unwrap_or_default().checked_add(1)?;
    history.steps.push(Step { id, at_ms, action: Action::Fault(fault) });
    Some(())
}

/// A time at which a fault of that length can begin.
fn time_for(history: &History, lasts_ms: u64, key: Key, to_the_end: bool) -> Option<u64> {
    let latest_ms = history.settings.storm_ms.checked_sub(lasts_ms)?;
    let earliest_ms = if to_the_end { latest_ms.saturating_sub(BEFORE_THE_END_MS) } else { 0 };
    Some(key.with("time").between(earliest_ms, latest_ms))
}

/// The place of one of the faults among the steps.
fn some_fault(history: &History, key: Key) -> Option<usize> {
    let places: Vec<usize> =
        history.steps.iter().enumerate().filter(|(_, step)| step.action.fault().is_some()).map(|(at, _)| at).collect();
    let chosen = usize::try_from(key.with("fault").below(places.len() as u64)).ok()?;
    places.get(chosen).copied()
}

/// A kind that the profile draws, as often as it draws it.
fn some_kind(profile: &Profile, key: Key) -> Option<&'static Kind> {
    let total: u64 = profile.fault_weights.values().map(|weight| u64::from(*weight)).sum();
    let mut left = key.with("kind").below(total);
    let (name, _) = profile.fault_weights.iter().find(|(_, weight)| {
        let weight = u64::from(**weight);
        let found = left < weight;
        left = left.saturating_sub(weight);
        found
    })?;
    KINDS.iter().find(|kind| kind.name == *name)
}

/// The longest of some that are drawn; half of the time just one.
fn longest_of(kind: &Kind, history: &History, profile: &Profile, key: Key) -> Option<Fault> {
    let scope = Scope {
        population: history.population(),
        outage_ms: profile.outage_ms.clone(),
        down_ms: profile.down_ms.clone(),
    };
    let strategy = (kind.strategy)(&scope);
    let mut runner = runner(key.with("draws"));
    let draws = if key.with("longest").chance(0.5) { DRAWS } else { 1 };
    let fits = |fault: &Fault| fault.lasts_ms() <= history.settings.storm_ms;
    let drawn = (0..draws).filter_map(|_| Some(strategy.new_tree(&mut runner).ok()?.current()));
    drawn.filter(fits).max_by_key(Fault::lasts_ms)
}

/// A runner whose draws depend on nothing but the key.
fn runner(key: Key) -> TestRunner {
    let mut seed = [0; 32];
    key.fill(&mut seed);
    let config =
        Config { failure_persistence: None, rng_algorithm: RngAlgorithm::ChaCha, verbose: 0, ..Config::default() };
    TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &seed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mutant_makes_sense_and_stays_within_the_profile() {
        for profile in Profile::all() {
            let (mut tried, mut made) = (0, 0);
            for seed in 0..8 {
                let mut history = History::from_seed(seed, &profile);
                for change in 0..40_u64 {
                    let key = Key::new(seed).with(change);
                    let mutant = mutate(&history, key, &profile);
                    assert_eq!(mutant, mutate(&history, key, &profile), "it is a function of its key");
                    tried += 1;
                    let Some(mutant) = mutant else { continue };
                    made += 1;
                    assert_eq!(mutant.flaws(), []);
                    assert_ne!(mutant, history);
                    let most = profile.faults.end() + profile.bursts.end() + profile.crashes.end();
                    assert!(mutant.faults().count() <= most.max(history.faults().count()), "{}", profile.name);
                    for step in &mutant.steps {
                        let lasts_ms = step.action.fault().map_or(0, Fault::lasts_ms);
                        assert!(step.at_ms + lasts_ms <= mutant.settings.storm_ms, "{step} outlasts the storm");
                    }
                    history = mutant;
                }
            }
            // Where nothing goes wrong, only the weather can be another.
            let least = if profile.fault_weights.is_empty() { tried / 16 } else { tried / 2 };
            assert!(made >= least, "{}: {made} of {tried}", profile.name);
        }
    }

    #[test]
    fn calm_histories_stay_calm() {
        let calm = Profile::calm();
        let history = History::from_seed(3, &calm);
        let mutants = (0..100_u64).filter_map(|change| mutate(&history, Key::new(3).with(change), &calm));
        mutants.for_each(|mutant| assert_eq!(mutant.faults().count(), 0));
    }
}
