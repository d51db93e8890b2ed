//! What each part of a run costs, in two ways: by samples of whole runs, which add up to all of it, and by doing alone
//! what can be done alone, which says what would be saved without it.

use std::hint::black_box;
use std::time::Duration;

use properties::check_all;
use properties::trace::Trace;
use sim::world::{self, Fingerprint, Options};

use crate::attribution::{self, Part};
use crate::histories::{self, Standard};
use crate::sampling;
use crate::stopwatch::{self, Spent, median};

/// How often each part is measured alone.
const ROUNDS: usize = 5;

/// How often each history is run under samples.
const SAMPLED_ROUNDS: usize = 5;

/// A part that was done alone, and its cost for one history.
pub struct Alone {
    pub name: &'static str,
    pub ms: f64,
}

/// The share of each part in whole runs, between 0 and 1, and how many samples say so.
pub fn sampled(histories: &[Standard], whole: impl Fn(&Standard)) -> (Vec<(Part, f64)>, usize) {
    let samples = sampling::sample(|| (0..SAMPLED_ROUNDS).for_each(|_| histories.iter().for_each(&whole)));
    let shares = attribution::count(&samples).into_iter();
    (shares.map(|(part, count)| (part, count as f64 / samples.len() as f64)).collect(), samples.len())
}

/// Every part that can be done alone.
pub fn alone(histories: &[Standard]) -> Vec<Alone> {
    vec![
        Alone { name: "drawing it", ms: mean(histories, |standard| cost(|| histories::draw(standard.seed))) },
        Alone { name: "turning the clock of an empty world", ms: mean(histories, turn_an_empty_world) },
        Alone { name: RECORD, ms: mean(histories, record_again) },
        Alone { name: "judging the trace by every property", ms: mean(histories, judge_again) },
    ]
}

/// What has a bound of its own.
pub const RECORD: &str = "keeping the trace, and hashing it";

/// Copies every observation, drops the copies, and hashes all of them once more: what a run without a record would save,
/// and somewhat more, since a record is not copied.
fn record_again(standard: &Standard) -> f64 {
    let run = world::run(&standard.history, Options::default());
    assert_eq!(Fingerprint::of(&run.trace), run.fingerprint);
    cost(|| {
        let mut trace = Trace::default();
        for entry in &run.trace.entries {
            trace.entries.push(entry.clone());
        }
        Fingerprint::of(&trace)
    })
}

fn judge_again(standard: &Standard) -> f64 {
    let run = world::run(&standard.history, Options::default());
    cost(|| check_all(&run.trace))
}

/// Two hosts on which nothing happens, for as long as the history takes: the price of turmoil's clock.
fn turn_an_empty_world(standard: &Standard) -> f64 {
    let tick = Duration::from_millis(Options::default().tick_ms);
    cost(|| {
        let mut sim = turmoil::Builder::new().tick_duration(tick).simulation_duration(Duration::MAX).build();
        sim.host("server", std::future::pending);
        sim.client("devices", std::future::pending());
        while sim.elapsed().as_secs_f64() < standard.simulated_s {
            sim.step().expect("nothing happens");
        }
    })
}

fn mean(histories: &[Standard], cost: impl Fn(&Standard) -> f64) -> f64 {
    histories.iter().map(cost).sum::<f64>() / histories.len() as f64
}

fn cost<T>(work: impl Fn() -> T) -> f64 {
    let spent: Vec<Spent> = (0..ROUNDS).map(|_| stopwatch::time(|| black_box(work())).1).collect();
    median(&spent).processor_ms
}
