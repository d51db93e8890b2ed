//! What each part of a history costs, as far as parts can be run by themselves.

use std::hint::black_box;
use std::time::Duration;

use properties::check_all;
use sim::world::{self, Fingerprint, Options};

use crate::histories::{self, Standard};
use crate::stopwatch::{self, Spent, median};

/// How often each part is measured.
const ROUNDS: usize = 5;

/// A part, and its cost for one history.
pub struct Part {
    pub name: &'static str,
    pub ms: f64,
}

/// Every part; the last one is the rest of `whole_ms`.
pub fn measure(histories: &[Standard], whole_ms: f64) -> Vec<Part> {
    let mut parts = vec![
        Part { name: "drawing it", ms: mean(histories, |standard| cost(|| histories::draw(standard.seed))) },
        Part { name: "turning the clock of an empty world", ms: mean(histories, turn_an_empty_world) },
        Part { name: "hashing what is observed", ms: mean(histories, hash_again) },
        Part { name: "judging the trace by every property", ms: mean(histories, judge_again) },
    ];
    let rest_ms = whole_ms - parts.iter().map(|part| part.ms).sum::<f64>();
    parts.push(Part { name: "the rest: server, devices, weather and disk", ms: rest_ms });
    parts
}

fn hash_again(standard: &Standard) -> f64 {
    let run = world::run(&standard.history, Options::default());
    assert_eq!(Fingerprint::of(&run.trace), run.fingerprint);
    cost(|| Fingerprint::of(&run.trace))
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
