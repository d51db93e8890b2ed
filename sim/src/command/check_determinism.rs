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

/// How many of the seeds that differed are looked at, entry by entry, and how often each.
const SEEDS: usize = 8;
const LOOKS: usize = 3;

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
        Some(_) => Some(examine(&differing, &profile, jobs)?),
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
    let work = |index| {
        let fingerprint = RunFingerprint::of(seeds.at(index), profile);
        bar.inc(1);
        fingerprint
    };
    let fingerprints = collect(seeds.count(), jobs, |index| format!("seed {} of {profile}", seeds.at(index)), work)?;
    bar.finish_and_clear();
    Ok(fingerprints.into_iter().map(|fingerprint| (fingerprint.seed, fingerprint)).collect())
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

/// Looks for the first entry that differs, between the two processes or between two runs of this one. A race shows
/// only under load, so several runs of a seed go on side by side here.
fn examine(differing: &[u64], profile: &str, jobs: NonZeroUsize) -> Result<Divergence, Refusal> {
    let spinner = progress::spinner("looking for the first entry that differs".to_owned());
    for &seed in differing.iter().take(SEEDS) {
        for _ in 0..LOOKS {
            let mut traces = side_by_side(seed, profile, jobs.saturating_add(1))?;
            traces.push(second_process(&["trace", "--seed", &seed.to_string(), "--profile", profile])?);
            let (first, others) = traces.split_first().expect("the second process has just added one");
            if let Some(divergence) = others.iter().find_map(|other| Divergence::between(seed, first, other)) {
                spinner.finish_and_clear();
                return Ok(divergence);
            }
        }
    }
    spinner.finish_and_clear();
    Ok(Divergence::unrepeatable(differing[0]))
}

/// As many traces of one seed, from runs at the same time.
fn side_by_side(seed: u64, profile: &str, count: NonZeroUsize) -> Result<Vec<Vec<Moment>>, Refusal> {
    collect(count.get() as u64, count, |_| format!("seed {seed} of {profile}"), |_| moments(seed, profile))
}

/// The results of `work` on `jobs` threads, in order; the first refusal or panic ends it.
fn collect<T: Send>(
    count: u64,
    jobs: NonZeroUsize,
    what: impl Fn(u64) -> String,
    work: impl Fn(u64) -> Result<T, Refusal> + Sync,
) -> Result<Vec<T>, Refusal> {
    let mut collected = Vec::new();
    let mut failure = None;
    campaign::in_order(count, jobs, work, |index, result| {
        match result.map_err(|source| Refusal::Panicked { what: what(index), source }).and_then(|result| result) {
            Ok(result) => {
                collected.push(result);
                ControlFlow::Continue(())
            }
            Err(refusal) => {
                failure = Some(refusal);
                ControlFlow::Break(())
            }
        }
    });
    match failure {
        None => Ok(collected),
        Some(refusal) => Err(refusal),
    }
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
