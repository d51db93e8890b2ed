//! What the second process of `check-determinism` does: the same runs, in a process that differs in all that must not
//! matter. Seeds run backwards, with heap noise before each.

use std::ops::ControlFlow;

use serde::{Deserialize, Serialize};

use super::Exit;
use super::arguments;
use super::output::Output;
use super::refusal::Refusal;
use crate::campaign;
use crate::heap_noise::HeapNoise;
use crate::judge;
use crate::report::Moment;

/// What is compared of one run.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RunFingerprint {
    /// The seed.
    pub seed: u64,
    /// A hash of the history: what the generator drew.
    pub history: String,
    /// The head of the run's hash chain.
    pub run: String,
}

impl RunFingerprint {
    /// Draws and runs one seed.
    ///
    /// # Errors
    /// There is no such profile.
    pub fn of(seed: u64, profile: &str) -> Result<Self, Refusal> {
        let history = judge::draw(seed, profile)?;
        let text = serde_json::to_string(&history).expect("a history has only string keys and finite numbers");
        let drawn = format!("{:032x}", xxhash_rust::xxh3::xxh3_128(text.as_bytes()));
        Ok(Self { seed, history: drawn, run: judge::hex(judge::judge(&history).run.fingerprint) })
    }
}

/// Runs `fingerprints`: one JSON line for each seed, by the order in which they run here.
///
/// # Errors
/// There is no such profile, or our own code panicked.
pub fn fingerprints(arguments: &arguments::Fingerprints, output: &Output) -> Result<Exit, Refusal> {
    let count = arguments.seeds.count();
    let seed_of = |index| arguments.seeds.at(count - 1 - index);
    let work = |index| {
        let _noise = HeapNoise::make();
        RunFingerprint::of(seed_of(index), &arguments.profile)
    };
    let mut result = Ok(Exit::Held);
    campaign::in_order(count, arguments.jobs, work, |index, fingerprint| {
        let what = || format!("seed {} of {}", seed_of(index), arguments.profile);
        let fingerprint = fingerprint.map_err(|source| Refusal::Panicked { what: what(), source });
        match fingerprint.and_then(|line| output.json_line(&line?)) {
            Ok(()) => ControlFlow::Continue(()),
            Err(refusal) => {
                result = Err(refusal);
                ControlFlow::Break(())
            }
        }
    });
    result
}

/// Runs `trace`: one JSON line for each entry of the trace of one run.
///
/// # Errors
/// There is no such profile.
pub fn trace(arguments: &arguments::Trace, output: &Output) -> Result<Exit, Refusal> {
    let _noise = HeapNoise::make();
    for moment in moments(arguments.seed, &arguments.profile)? {
        output.json_line(&moment)?;
    }
    Ok(Exit::Held)
}

/// The trace of one run, as text that can be compared.
///
/// # Errors
/// There is no such profile.
pub fn moments(seed: u64, profile: &str) -> Result<Vec<Moment>, Refusal> {
    Ok(Moment::all(&judge::judge(&judge::draw(seed, profile)?).run.trace))
}
