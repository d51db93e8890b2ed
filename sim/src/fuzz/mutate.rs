//! Mutants: a history that reached something, changed a little (and the half of it that another one lends).
//!
//! All chance is keyed, so a mutant is a function of its parents and its key. What comes out can be run: it passes the
//! history's own validation, or it is not handed out.

use serde_json::Value;

use super::graft::graft;
use super::repair::repair;
use crate::history::{Action, History, Step};
use crate::keyed::Key;

/// More steps than this are not made: a run of them would take the time of several.
const MOST_STEPS: usize = 500;

/// How close to another step a fault is put when it is moved: within the way of a message.
const CLOSE_MS: u64 = 60;

/// The ways to change a history, each with how often it is chosen.
const WAYS: &[(u64, Way)] = &[
    (2, drop_span),
    (4, move_step),
    (2, repeat_span),
    (4, borrow_span),
    (2, change_weather),
    (4, alter_fault),
    (4, borrow_fault),
    (4, bring_fault_close),
];

type Way = fn(&mut History, &History, Key);

/// `history` changed in one to four ways, with steps of `donor` where a way asks for some. Nothing if what came out is the
/// same or cannot be run.
pub fn mutate(history: &History, donor: &History, key: Key) -> Option<History> {
    let mut mutant = history.clone();
    for round in 0..=key.with("rounds").below(4) {
        let key = key.with(round);
        choose(key.with("way"))(&mut mutant, donor, key);
    }
    repair(&mut mutant);
    let fits = mutant != *history && mutant.steps.len() <= MOST_STEPS && mutant.flaws().is_empty();
    fits.then_some(mutant)
}

fn choose(key: Key) -> Way {
    let mut left = key.below(WAYS.iter().map(|(weight, _)| weight).sum());
    for &(weight, way) in WAYS {
        match left.checked_sub(weight) {
            None => return way,
            Some(rest) => left = rest,
        }
    }
    change_weather
}

/// A few steps less.
fn drop_span(history: &mut History, _: &History, key: Key) {
    if let Some(span) = span(history.steps.len(), history.steps.len() / 4, key) {
        history.steps.drain(span);
    }
}

/// One step at another time.
fn move_step(history: &mut History, _: &History, key: Key) {
    let storm_ms = history.settings.storm_ms;
    if let Some(index) = index(history.steps.len(), key) {
        let at_ms = history.steps[index].at_ms;
        // As often a little as anywhere.
        let (least_ms, most_ms) = match key.with("far").chance(0.5) {
            true => (0, storm_ms),
            false => (at_ms.saturating_sub(CLOSE_MS), at_ms + CLOSE_MS),
        };
        history.steps[index].at_ms = key.with("to").between(least_ms, most_ms.min(storm_ms));
    }
}

/// A few steps once more, a little later.
fn repeat_span(history: &mut History, _: &History, key: Key) {
    let steps = span(history.steps.len(), 6, key).map(|span| history.steps[span].to_vec()).unwrap_or_default();
    graft(history, &steps, key.with("later").between(0, 5_000), key);
}

/// Some steps of another history, at another time.
fn borrow_span(history: &mut History, donor: &History, key: Key) {
    let steps = span(donor.steps.len(), 30, key).map(|span| donor.steps[span].to_vec()).unwrap_or_default();
    let first_ms = steps.first().map_or(0, |step| step.at_ms);
    let steps: Vec<Step> = steps.into_iter().map(|step| at(step.at_ms - first_ms, step)).collect();
    let begin_ms = key.with("at").below(history.settings.storm_ms);
    graft(history, &steps, begin_ms, key);
}

/// Other latencies, torn writes and backoffs for the same steps.
fn change_weather(history: &mut History, _: &History, key: Key) {
    // A seed that a person can still copy by hand.
    history.seed = key.with("seed").below(1 << 32);
}

/// A fault that lasts longer or shorter, or is about somebody else.
fn alter_fault(history: &mut History, _: &History, key: Key) {
    let population = history.population();
    let faults: Vec<usize> = faults(history);
    let Some(chosen) = index(faults.len(), key).map(|index| faults[index]) else { return };
    let Action::Fault(fault) = &history.steps[chosen].action else { return };
    let Ok(mut fault) = serde_json::to_value(fault) else { return };
    let Some(fields) = fault.as_object_mut() else { return };
    if let Some(target) = fields.get_mut("target").filter(|_| key.with("target").chance(0.3)) {
        let who = &population.devices;
        *target = match index(who.len(), key.with("who")) {
            Some(index) => serde_json::json!({"device": who[index]}),
            None => Value::from("everyone"),
        };
    } else {
        let durations = fields.iter_mut().filter(|(name, value)| name.ends_with("_ms") && value.as_u64().is_some());
        for (name, duration) in durations {
            let ms = duration.as_u64().unwrap_or_default();
            let factors = [ms / 10, ms / 2, ms + CLOSE_MS, ms * 2, ms * 4];
            let changed = factors[index(factors.len(), key.with(name.as_str())).unwrap_or_default()];
            *duration = Value::from(changed.clamp(1, history.settings.storm_ms.max(1)));
        }
    }
    // What a kind of fault does not take is left as it was.
    if let Ok(fault) = serde_json::from_value(fault) {
        history.steps[chosen].action = Action::Fault(fault);
    }
}

/// A fault of another history, next to a step of this one.
fn borrow_fault(history: &mut History, donor: &History, key: Key) {
    let faults = faults(donor);
    let Some(chosen) = index(faults.len(), key).map(|index| faults[index]) else { return };
    let Some(beside) = index(history.steps.len(), key.with("beside")) else { return };
    let begin_ms = near(history.steps[beside].at_ms, key);
    graft(history, &[at(0, donor.steps[chosen].clone())], begin_ms, key);
}

/// A fault at the time of another step.
fn bring_fault_close(history: &mut History, _: &History, key: Key) {
    let faults = faults(history);
    let Some(chosen) = index(faults.len(), key).map(|index| faults[index]) else { return };
    let Some(beside) = index(history.steps.len(), key.with("beside")) else { return };
    history.steps[chosen].at_ms = near(history.steps[beside].at_ms, key);
}

fn near(at_ms: u64, key: Key) -> u64 {
    key.with("near").between(at_ms.saturating_sub(CLOSE_MS), at_ms + CLOSE_MS)
}

fn at(at_ms: u64, mut step: Step) -> Step {
    step.at_ms = at_ms;
    step
}

/// The places of the faults among the steps.
fn faults(history: &History) -> Vec<usize> {
    let steps = history.steps.iter().enumerate();
    steps.filter(|(_, step)| step.action.fault().is_some()).map(|(index, _)| index).collect()
}

/// A place among so many; none among none.
pub(super) fn index(count: usize, key: Key) -> Option<usize> {
    let index = key.with("index").below(u64::try_from(count).unwrap_or(u64::MAX));
    usize::try_from(index).ok().filter(|_| count > 0)
}

/// At least one and at most so many of `count`, one after the other.
fn span(count: usize, most: usize, key: Key) -> Option<std::ops::Range<usize>> {
    let length = 1 + index(most.clamp(1, count.max(1)), key.with("length"))?;
    let from = index((count + 1).checked_sub(length)?, key.with("from"))?;
    Some(from..from + length)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::Profile;

    fn drawn(seed: u64) -> History {
        History::from_seed(seed, &Profile::swarm())
    }

    #[test]
    fn a_mutant_can_be_run_and_is_a_function_of_its_parents_and_its_key() {
        let (mut made, mut tried) = (0, 0);
        for seed in 0..40 {
            let (host, donor) = (drawn(seed), drawn(1_000 + seed));
            for attempt in 0..20_u64 {
                let key = Key::new(seed).with(attempt);
                let mutant = mutate(&host, &donor, key);
                assert_eq!(mutant, mutate(&host, &donor, key));
                tried += 1;
                let Some(mutant) = mutant else { continue };
                made += 1;
                assert_eq!(mutant.flaws(), [], "seed {seed}, attempt {attempt}");
                let storm_ms = mutant.settings.storm_ms;
                for step in mutant.steps {
                    let lasts_ms = step.action.fault().map_or(0, crate::faults::Fault::lasts_ms);
                    assert!(
                        step.at_ms + lasts_ms <= storm_ms,
                        "seed {seed}, attempt {attempt}: {step} outlasts the storm"
                    );
                }
            }
        }
        assert!(made * 10 > tried * 9, "only {made} of {tried}");
    }

    #[test]
    fn every_way_changes_something() {
        for (number, (_, way)) in WAYS.iter().enumerate() {
            let changed = (0..20_u64).filter(|&attempt| {
                let (host, donor) = (drawn(2_000 + attempt), drawn(3_000 + attempt));
                let mut mutant = host.clone();
                way(&mut mutant, &donor, Key::new(attempt));
                repair(&mut mutant);
                assert_eq!(mutant.flaws(), [], "way {number}, attempt {attempt}");
                mutant != host
            });
            assert!(changed.count() >= 8, "way {number} rarely changes anything");
        }
    }

    #[test]
    fn generations_of_mutants_stay_small_enough_and_valid() {
        let mut history = drawn(5);
        for generation in 0..200_u64 {
            let key = Key::new(9).with(generation);
            if let Some(mutant) = mutate(&history, &drawn(generation), key) {
                history = mutant;
            }
            assert!(history.steps.len() <= MOST_STEPS);
        }
        assert_eq!(history.flaws(), []);
    }
}
