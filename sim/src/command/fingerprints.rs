//! What the other process of `check-determinism` does: the same runs, in a process that differs in all that must not
//! matter. Seeds run backwards, with heap noise before each.

use std::num::NonZeroU64;
use std::ops::ControlFlow;

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

use super::Exit;
use super::arguments;
use super::output::Output;
use super::refusal::Refusal;
use crate::activity::Counts;
use crate::campaign;
use crate::heap_noise::HeapNoise;
use crate::judge;
use crate::report::Moment;
use crate::seeds::SeedRange;
use crate::world::{Leak, Options};

/// What is compared of one run.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RunFingerprint {
    /// The seed.
    pub seed: u64,
    /// A hash of the history: what the generator drew.
    pub history: String,
    /// The head of the hash chain over what was observed.
    pub observed: String,
    /// The head of the hash chain over what was done.
    pub done: String,
    /// A hash of what each property said.
    pub verdicts: String,
}

/// The seeds that are compared, and their profile.
#[derive(Clone, Debug)]
pub struct Sample {
    /// Among these.
    pub seeds: SeedRange,
    /// Only every so many, beginning with the first.
    pub every: NonZeroU64,
    /// The profile.
    pub profile: String,
    /// A leak that is put into the world.
    pub put_leak: Option<Leak>,
}

impl Sample {
    /// What another process was told to run.
    pub fn of(arguments: &arguments::Fingerprints) -> Self {
        let arguments::Fingerprints { seeds, every, profile, put_leak, .. } = arguments.clone();
        Self { seeds, every, profile, put_leak }
    }

    /// What another process must be told so that it builds the same world.
    pub fn arguments(&self) -> Vec<String> {
        let mut arguments = vec!["--profile".to_owned(), self.profile.clone()];
        if let Some(value) = self.put_leak.and_then(|leak| leak.to_possible_value()) {
            arguments.extend(["--put-leak".to_owned(), value.get_name().to_owned()]);
        }
        arguments
    }

    /// How the world of these runs is built.
    pub fn options(&self) -> Options {
        Options { leak: self.put_leak, ..Options::DEFAULT }
    }

    /// The seeds, in order.
    pub fn all(&self) -> impl Iterator<Item = u64> {
        self.seeds.iter().step_by(usize::try_from(self.every.get()).unwrap_or(usize::MAX))
    }

    /// A run, in a person's words.
    pub fn name(&self, seed: u64) -> String {
        format!("seed {seed} of {}", self.profile)
    }
}

impl RunFingerprint {
    /// Draws, runs and judges one seed; and what the run did.
    ///
    /// # Errors
    /// There is no such profile.
    pub fn of(seed: u64, sample: &Sample) -> Result<(Self, Counts), Refusal> {
        let history = judge::draw(seed, &sample.profile)?;
        let outcome = judge::judge_with(&history, sample.options());
        let fingerprint = Self {
            seed,
            history: hash_of(&history),
            observed: judge::hex(outcome.run.fingerprint),
            done: format!("{:016x}", outcome.run.activity.head),
            verdicts: hash_of(&outcome.judgements),
        };
        Ok((fingerprint, outcome.run.activity.counts))
    }

    /// The heads of both chains.
    pub fn chains(&self) -> String {
        format!("{}{}", self.observed, self.done)
    }
}

fn hash_of(value: &impl Serialize) -> String {
    let text = serde_json::to_string(value).expect("histories and verdicts have only string keys and finite numbers");
    format!("{:032x}", xxhash_rust::xxh3::xxh3_128(text.as_bytes()))
}

/// Runs `fingerprints`: one JSON line for each seed, by the order in which they run here.
///
/// # Errors
/// There is no such profile, or our own code panicked.
pub fn fingerprints(arguments: &arguments::Fingerprints, output: &Output) -> Result<Exit, Refusal> {
    let sample = Sample::of(arguments);
    let mut seeds: Vec<u64> = sample.all().collect();
    seeds.reverse();
    let work = |index: u64| {
        let _noise = HeapNoise::make();
        RunFingerprint::of(seeds[index as usize], &sample).map(|(fingerprint, _)| fingerprint)
    };
    let mut result = Ok(Exit::Held);
    campaign::in_order(seeds.len() as u64, arguments.jobs, work, |index, fingerprint| {
        let what = || sample.name(seeds[index as usize]);
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

/// Runs `trace`: one JSON line for each moment of one run.
///
/// # Errors
/// There is no such profile.
pub fn trace(arguments: &arguments::Trace, output: &Output) -> Result<Exit, Refusal> {
    let _noise = HeapNoise::make();
    let (seeds, every) = (SeedRange::one(arguments.seed), NonZeroU64::MIN);
    let sample = Sample { seeds, every, profile: arguments.profile.clone(), put_leak: arguments.put_leak };
    for moment in moments(arguments.seed, &sample)? {
        output.json_line(&moment)?;
    }
    Ok(Exit::Held)
}

/// All that happened in one run and what was said of it, as text that can be compared.
///
/// # Errors
/// There is no such profile.
pub fn moments(seed: u64, sample: &Sample) -> Result<Vec<Moment>, Refusal> {
    let options = Options { keeps_notes: true, ..sample.options() };
    let outcome = judge::judge_with(&judge::draw(seed, &sample.profile)?, options);
    let mut moments = Moment::all(&outcome.run);
    moments.extend(Moment::judged(&outcome.judgements));
    Ok(moments)
}
