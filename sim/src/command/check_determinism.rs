//! `cargo sim check-determinism`: seeds run here and in a second process that differs in all that must not matter:
//! its environment, the number of jobs, the order of the seeds, its heap (SIM-3).

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::process::{Command, Stdio};

use serde::de::DeserializeOwned;

use super::fingerprints::{RunFingerprint, moments};
use super::output::Output;
use super::refusal::Refusal;
use super::run::jobs;
use super::{Exit, arguments, progress};
use crate::report::{DeterminismReport, Divergence, Moment, text};
use crate::seeds::{SeedRange, Selection, environment};
use crate::{campaign, judge};

/// How often two runs are compared entry by entry before their difference is called a race.
const LOOKS: usize = 5;

/// Runs `cargo sim check-determinism`.
///
/// # Errors
/// Something that was asked for does not exist, our own code panicked, or the second process failed.
pub fn check_determinism(arguments: &arguments::CheckDeterminism, output: &Output) -> Result<Exit, Refusal> {
    let Selection { seeds, profile, .. } = arguments.asked().resolve(&environment)?;
    judge::check_profile(&profile)?;
    let jobs = jobs(arguments.jobs);
    // The order of the two does not matter, so the second process runs alone: it has the cores to itself.
    let here = run_here(seeds, &profile, jobs)?;
    let there = run_there(seeds, &profile, other_jobs(jobs))?;

    let differing: Vec<u64> = seeds.iter().filter(|seed| here.get(seed) != there.get(seed)).collect();
    let first = match differing.first() {
        None => None,
        Some(&seed) if here[&seed].history != there[&seed].history => Some(Divergence::of_generator(seed)),
        Some(&seed) => Some(examine(seed, &profile)?),
    };
    let runs: String = here.values().map(|fingerprint| fingerprint.run.as_str()).collect();
    let report = DeterminismReport {
        deterministic: differing.is_empty(),
        profile,
        seeds,
        differing,
        first,
        fingerprint: format!("{:032x}", xxhash_rust::xxh3::xxh3_128(runs.as_bytes())),
    };
    output.report(&report, text::determinism)?;
    Ok(if report.deterministic { Exit::Held } else { Exit::NotDeterministic })
}

fn run_here(seeds: SeedRange, profile: &str, jobs: NonZeroUsize) -> Result<BTreeMap<u64, RunFingerprint>, Refusal> {
    let bar = progress::bar(seeds.count());
    let mut collected = Ok(BTreeMap::new());
    let work = |index| RunFingerprint::of(seeds.at(index), profile);
    campaign::in_order(seeds.count(), jobs, work, |index, result| {
        bar.inc(1);
        let what = || format!("seed {} of {profile}", seeds.at(index));
        let result = result.map_err(|source| Refusal::Panicked { what: what(), source });
        match (result.and_then(|fingerprint| fingerprint), &mut collected) {
            (Ok(fingerprint), Ok(collected)) => {
                collected.insert(fingerprint.seed, fingerprint);
                ControlFlow::Continue(())
            }
            (Err(refusal), _) => {
                collected = Err(refusal);
                ControlFlow::Break(())
            }
            (_, Err(_)) => ControlFlow::Break(()),
        }
    });
    bar.finish_and_clear();
    collected
}

fn run_there(seeds: SeedRange, profile: &str, jobs: NonZeroUsize) -> Result<BTreeMap<u64, RunFingerprint>, Refusal> {
    let spinner = progress::spinner(format!("the same {} seeds in a second process", seeds.count()));
    let [seeds_text, jobs_text] = [seeds.to_string(), jobs.to_string()];
    let lines: Vec<RunFingerprint> =
        second_process(&["fingerprints", "--seeds", &seeds_text, "--profile", profile, "--jobs", &jobs_text])?;
    spinner.finish_and_clear();
    let by_seed: BTreeMap<_, _> = lines.into_iter().map(|fingerprint| (fingerprint.seed, fingerprint)).collect();
    match seeds.iter().find(|seed| !by_seed.contains_key(seed)) {
        None => Ok(by_seed),
        Some(seed) => Err(Refusal::SecondProcess(format!("said nothing of seed {seed}"))),
    }
}

/// Looks for the first entry that differs: between the two processes, or between two runs of one.
fn examine(seed: u64, profile: &str) -> Result<Divergence, Refusal> {
    let spinner = progress::spinner(format!("seed {seed} differs: looking for the first entry"));
    let here = moments(seed, profile)?;
    let seed_text = seed.to_string();
    for _ in 0..LOOKS {
        let there: Vec<Moment> = second_process(&["trace", "--seed", &seed_text, "--profile", profile])?;
        if let Some(divergence) = Divergence::between(seed, &here, &there) {
            spinner.finish_and_clear();
            return Ok(divergence);
        }
    }
    spinner.finish_and_clear();
    Ok(Divergence::unrepeatable(seed))
}

/// Runs this program again with another environment, and reads the JSON lines that it writes.
fn second_process<T: DeserializeOwned>(arguments: &[&str]) -> Result<Vec<T>, Refusal> {
    let failed = |why: String| Refusal::SecondProcess(why);
    let program = std::env::current_exe().map_err(|error| failed(format!("could not be found: {error}")))?;
    let output = Command::new(program)
        .args(arguments)
        // Other places, another language, another zone; and a stack that begins elsewhere.
        .env("TZ", "Pacific/Kiritimati")
        .env("LC_ALL", "tr_TR.UTF-8")
        .env("HOME", "/nonexistent")
        .env("SIM_SECOND_PROCESS", "x".repeat(12_345))
        .current_dir(std::env::temp_dir())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| failed(format!("could not be started: {error}")))?;
    if !output.status.success() {
        return Err(failed(format!("failed ({})", output.status)));
    }
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .map(|line| serde_json::from_str(line).map_err(|error| failed(format!("wrote what cannot be read: {error}"))))
        .collect()
}

/// Any number of jobs but this one.
fn other_jobs(jobs: NonZeroUsize) -> NonZeroUsize {
    match NonZeroUsize::new(jobs.get() - 1) {
        Some(fewer) => fewer,
        None => jobs.saturating_add(1),
    }
}
