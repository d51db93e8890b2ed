//! Which changes are made, how often, and what is handed out of what came of them.

use super::material::Material;
use super::pick::weighted;
use super::repair::repair;
use super::{faults, steps};
use crate::history::History;
use crate::keyed::Key;

/// More steps than this are not made: a run of them would take the time of several.
const MOST_STEPS: usize = 500;

/// One way to change a history. None: it does not apply to this one.
pub type Way = fn(&mut History, &Material<'_>, Key) -> Option<()>;

/// What to change, for some purpose.
#[derive(Clone, Copy)]
pub struct Mutation {
    /// The ways, each with how often it is chosen.
    ways: &'static [(u64, Way)],
    /// How many changes one mutant has at most.
    most_changes: u64,
}

impl Mutation {
    /// For new behaviour: anything may change, and steps of another history come in.
    pub const FOR_NEW_BEHAVIOUR: Self = Self {
        ways: &[
            (2, steps::drop_span),
            (4, steps::move_step),
            (2, steps::repeat_span),
            (4, steps::borrow_span),
            (2, steps::change_weather),
            (1, faults::aim),
            (3, faults::stretch),
            (4, faults::borrow_fault),
            (4, faults::bring_close),
            (2, faults::redraw),
            (1, faults::add),
        ],
        most_changes: 4,
    };

    /// For worse figures of what the users do: only what goes wrong changes.
    pub const FOR_THE_WORST: Self = Self {
        ways: &[
            (2, faults::move_to_the_end),
            (1, faults::move_anywhere),
            (2, faults::redraw),
            (2, faults::add),
            (1, steps::change_weather),
        ],
        most_changes: 3,
    };

    /// `history` changed, as the key says. None if what came out is the same, or cannot be run.
    pub fn apply(self, history: &History, material: &Material<'_>, key: Key) -> Option<History> {
        let mut mutant = history.clone();
        for round in 0..=key.with("rounds").below(self.most_changes) {
            let key = key.with(round);
            let way = weighted(self.ways.iter().copied(), key.with("way"))?;
            // One that does not apply leaves what the others have changed.
            let _ = way(&mut mutant, material, key);
        }
        repair(&mut mutant);
        let fits = mutant != *history && mutant.steps.len() <= MOST_STEPS && mutant.flaws().is_empty();
        fits.then_some(mutant)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::faults::Fault;
    use crate::history::Profile;

    fn drawn(seed: u64) -> History {
        History::from_seed(seed, &Profile::swarm())
    }

    #[test]
    fn a_mutant_can_be_run_and_is_a_function_of_its_parents_and_its_key() {
        for (mutation, least_made) in [(Mutation::FOR_NEW_BEHAVIOUR, 0.9), (Mutation::FOR_THE_WORST, 0.5)] {
            for profile in Profile::all().into_iter().filter(|profile| !profile.fault_weights.is_empty()) {
                let (mut made, mut tried) = (0, 0);
                for seed in 0..20 {
                    let (history, donor) = (History::from_seed(seed, &profile), drawn(1_000 + seed));
                    let material = Material { donor: &donor, profile: &profile };
                    for key in (0..20_u64).map(|attempt| Key::new(seed).with(attempt)) {
                        let mutant = mutation.apply(&history, &material, key);
                        assert_eq!(mutant, mutation.apply(&history, &material, key));
                        tried += 1;
                        let Some(mutant) = mutant else { continue };
                        made += 1;
                        assert_eq!(mutant.flaws(), [], "seed {seed} of {}", profile.name);
                        for step in &mutant.steps {
                            let lasts_ms = step.action.fault().map_or(0, Fault::lasts_ms);
                            assert!(step.at_ms + lasts_ms <= mutant.settings.storm_ms, "{step} outlasts the storm");
                        }
                    }
                }
                assert!(f64::from(made) >= least_made * f64::from(tried), "{}: {made} of {tried}", profile.name);
            }
        }
    }

    #[test]
    fn every_way_changes_something() {
        let profile = Profile::swarm();
        for (list, mutation) in [Mutation::FOR_NEW_BEHAVIOUR, Mutation::FOR_THE_WORST].into_iter().enumerate() {
            for (number, (_, way)) in mutation.ways.iter().enumerate() {
                let changed = (0..40_u64).filter(|&attempt| {
                    let (history, donor) = (drawn(2_000 + attempt), drawn(3_000 + attempt));
                    let mut mutant = history.clone();
                    let applied = way(&mut mutant, &Material { donor: &donor, profile: &profile }, Key::new(attempt));
                    repair(&mut mutant);
                    assert_eq!(mutant.flaws(), [], "way {number} of list {list}, attempt {attempt}");
                    applied.is_some() && mutant != history
                });
                assert!(changed.count() >= 8, "way {number} of list {list} rarely changes anything");
            }
        }
    }

    #[test]
    fn generations_of_mutants_stay_small_enough_and_valid() {
        let (mut history, profile) = (drawn(5), Profile::swarm());
        for generation in 0..200_u64 {
            let (key, donor) = (Key::new(9).with(generation), drawn(generation));
            let material = Material { donor: &donor, profile: &profile };
            if let Some(mutant) = Mutation::FOR_NEW_BEHAVIOUR.apply(&history, &material, key) {
                history = mutant;
            }
            assert!(history.steps.len() <= MOST_STEPS);
        }
        assert_eq!(history.flaws(), []);
    }

    #[test]
    fn what_is_made_worse_keeps_to_what_its_profile_could_draw() {
        for profile in Profile::all() {
            let mut history = History::from_seed(3, &profile);
            let donor = history.clone();
            let material = Material { donor: &donor, profile: &profile };
            let most = faults::most(&material).max(history.faults().count());
            for change in 0..100_u64 {
                let mutant = Mutation::FOR_THE_WORST.apply(&history, &material, Key::new(3).with(change));
                history = mutant.unwrap_or(history);
                assert!(history.faults().count() <= most, "{}", profile.name);
            }
        }
    }
}
