//! What a history of each profile costs, as `cargo sim run` would have it: drawn, run and judged.

use properties::check_all;
use sim::history::{History, Profile};
use sim::world::{self, Options};

use crate::stopwatch::{self, Spent, median};

/// How many histories of each profile are measured, from seed 0.
const HISTORIES: u64 = 8;

/// How often each is.
const ROUNDS: u64 = 3;

/// What a profile's histories cost, in the mean.
pub struct Cost {
    pub profile: &'static str,
    pub ms: f64,
    pub simulated_s: f64,
}

/// Each profile's, in the order of the list of profiles.
pub fn measure() -> Vec<Cost> {
    Profile::all().iter().map(cost).collect()
}

fn cost(profile: &Profile) -> Cost {
    let mut simulated_ms = 0;
    let each: Vec<Spent> = (0..HISTORIES)
        .map(|seed| {
            let rounds: Vec<Spent> = (0..ROUNDS)
                .map(|round| {
                    let (run, spent) = stopwatch::time(|| {
                        let run = world::run(&History::from_seed(seed, profile), Options::default());
                        assert_eq!(check_all(&run.trace).len(), properties::all().len());
                        run
                    });
                    simulated_ms += if round == 0 { run.simulated_ms } else { 0 };
                    spent
                })
                .collect();
            median(&rounds)
        })
        .collect();
    let simulated_s = simulated_ms as f64 / 1e3 / HISTORIES as f64;
    Cost { profile: profile.name, ms: Spent::mean(&each).processor_ms, simulated_s }
}
