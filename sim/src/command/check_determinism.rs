//! `cargo sim check-determinism`: seeds run here and in other processes that differ in all that must not matter: their
//! environment, the number of jobs, the order of the seeds, their heap; the load on the machine and the build, if that is
//! asked for (SIM-3).

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::Path;
use std::process::{Command, Stdio};

use serde::de::DeserializeOwned;

use super::builds::Build;
use super::busy::Busy;
use super::fingerprints::{RunFingerprint, Sample, moments};
use super::output::Output;
use super::refusal::Refusal;
use super::run::jobs;
use super::{Exit, arguments, progress};
use crate::activity::Counts;
use crate::campaign::Panicked;
use crate::interpose::Watched;
use crate::report::{DeterminismReport, Divergence, Moment, text};
use crate::seeds::{SeedRange, Selection, environment};
use crate::{campaign, judge};

/// How many of the seeds that differed are looked at, moment by moment, and how often each.
const SEEDS: usize = 8;
const LOOKS: usize = 3;

/// Runs `cargo sim check-determinism`.
///
/// # Errors
/// Something that was asked for does not exist, our own code panicked, or another process failed or could not be built.
pub fn check_determinism(arguments: &arguments::CheckDeterminism, output: &Output) -> Result<Exit, Refusal> {
    let Selection { seeds, profile, .. } = arguments.asked().resolve(&environment)?;
    judge::check_profile(&profile)?;
    let sample = Sample { seeds, every: arguments.every, profile, put_leak: arguments.put_leak };
    let jobs = jobs(arguments.jobs);
    let builds = match &*arguments.builds {
        [] => vec![Build::this(DeterminismReport::THE_SAME_PROGRAM)?],
        profiles => profiles.iter().map(|profile| Build::of_profile(profile)).collect::<Result<_, _>>()?,
    };
    let busy = arguments.load.then(Busy::begin);
    // The order does not matter, so the other processes run alone: each has the cores to itself.
    let (here, compared) = run_here(&sample, jobs)?;
    let mut differing: BTreeMap<u64, &Build> = BTreeMap::new();
    let mut first = None;
    for build in &builds {
        let there = run_there(build, &sample, other_jobs(jobs))?;
        let others: Vec<u64> = sample.all().filter(|seed| here.get(seed) != there.get(seed)).collect();
        if first.is_none()
            && let Some(&seed) = others.first()
        {
            let generator_differs = here[&seed].history != there[&seed].history;
            first = Some(match generator_differs {
                true => Divergence::of_generator(seed, &build.name),
                false => examine(build, &others, &sample, jobs)?,
            });
        }
        differing.extend(others.into_iter().map(|seed| (seed, build)));
    }
    drop(busy);
    // Where two runs differed, whoever asked past the platform in one of them is a suspect.
    let watched = match differing.keys().next() {
        Some(&seed) => Some(watch(&Sample { seeds: SeedRange::one(seed), ..sample.clone() }, jobs)?),
        None if arguments.leaks => Some(watch(&sample, jobs)?),
        None => None,
    };

    let runs: String = here.values().map(RunFingerprint::chains).collect();
    let report = DeterminismReport {
        deterministic: differing.is_empty(),
        profile: sample.profile.clone(),
        seeds,
        every: sample.every.get(),
        count: sample.all().count() as u64,
        against: builds.iter().map(|build| build.name.clone()).collect(),
        under_load: arguments.load,
        compared,
        differing: differing.into_keys().collect(),
        first,
        watched,
        fingerprint: format!("{:032x}", xxhash_rust::xxh3::xxh3_128(runs.as_bytes())),
    };
    output.report(&report, text::determinism)?;
    let escapes = report.watched.iter().flat_map(Watched::escaped).next().is_some();
    Ok(if report.deterministic && !escapes { Exit::Held } else { Exit::NotDeterministic })
}

fn run_here(sample: &Sample, jobs: NonZeroUsize) -> Result<(BTreeMap<u64, RunFingerprint>, Counts), Refusal> {
    let seeds: Vec<u64> = sample.all().collect();
    let bar = progress::bar(seeds.len() as u64);
    let work = |index: u64| {
        let fingerprint = RunFingerprint::of(seeds[index as usize], sample);
        bar.inc(1);
        fingerprint
    };
    let runs = campaign::collect(
        seeds.len() as u64,
        jobs,
        |index, source| panicked(sample, seeds[index as usize], source),
        work,
    )?;
    bar.finish_and_clear();
    let mut compared = Counts::default();
    runs.iter().for_each(|(_, counts)| compared.add(counts));
    Ok((runs.into_iter().map(|(fingerprint, _)| (fingerprint.seed, fingerprint)).collect(), compared))
}

fn run_there(build: &Build, sample: &Sample, jobs: NonZeroUsize) -> Result<BTreeMap<u64, RunFingerprint>, Refusal> {
    let spinner = progress::spinner(format!("the same seeds in another process: {}", build.name));
    let [seeds, every, jobs] = [sample.seeds.to_string(), sample.every.to_string(), jobs.to_string()];
    let lines: Vec<RunFingerprint> = other_process(
        &build.program,
        sample,
        &["fingerprints", "--seeds", &seeds, "--every", &every, "--jobs", &jobs],
    )?;
    spinner.finish_and_clear();
    let by_seed: BTreeMap<_, _> = lines.into_iter().map(|fingerprint| (fingerprint.seed, fingerprint)).collect();
    match sample.all().find(|seed| !by_seed.contains_key(seed)) {
        None => Ok(by_seed),
        Some(seed) => Err(Refusal::SecondProcess(format!("said nothing of seed {seed}"))),
    }
}

/// Looks for the first moment that differs, between the two processes or between two runs of this one. A race shows
/// only under load, so several runs of a seed go on side by side here.
fn examine(build: &Build, differing: &[u64], sample: &Sample, jobs: NonZeroUsize) -> Result<Divergence, Refusal> {
    let spinner = progress::spinner("looking for the first moment that differs".to_owned());
    for &seed in differing.iter().take(SEEDS) {
        for _ in 0..LOOKS {
            let mut runs = side_by_side(seed, sample, jobs.saturating_add(1))?;
            runs.push(other_process(&build.program, sample, &["trace", "--seed", &seed.to_string()])?);
            let (first, others) = runs.split_first().expect("the other process has just added one");
            let between = |other: &Vec<Moment>| Divergence::between(seed, &build.name, first, other);
            if let Some(divergence) = others.iter().find_map(between) {
                spinner.finish_and_clear();
                return Ok(divergence);
            }
        }
    }
    spinner.finish_and_clear();
    Ok(Divergence::unrepeatable(differing[0], &build.name))
}

/// As many runs of one seed, at the same time.
fn side_by_side(seed: u64, sample: &Sample, count: NonZeroUsize) -> Result<Vec<Vec<Moment>>, Refusal> {
    let what = |_, source| panicked(sample, seed, source);
    campaign::collect(count.get() as u64, count, what, |_| moments(seed, sample))
}

/// Who asks past the platform in these runs, as a watched process of this program sees it.
fn watch(sample: &Sample, jobs: NonZeroUsize) -> Result<Watched, Refusal> {
    let spinner = progress::spinner("watching who asks past the platform".to_owned());
    let [seeds, every, jobs] = [sample.seeds.to_string(), sample.every.to_string(), jobs.to_string()];
    let program = Build::this(DeterminismReport::THE_SAME_PROGRAM)?.program;
    let arguments = ["leaks", "--seeds", &seeds, "--every", &every, "--jobs", &jobs];
    let mut lines: Vec<Watched> = other_process(&program, sample, &arguments)?;
    spinner.finish_and_clear();
    lines.pop().ok_or_else(|| Refusal::SecondProcess("said nothing of what it watched".to_owned()))
}

fn panicked(sample: &Sample, seed: u64, source: Panicked) -> Refusal {
    Refusal::Panicked { what: sample.name(seed), source }
}

/// Runs a program like this one with another environment, and reads the JSON lines that it writes.
fn other_process<T: DeserializeOwned>(program: &Path, sample: &Sample, arguments: &[&str]) -> Result<Vec<T>, Refusal> {
    let failed = |why: String| Refusal::SecondProcess(why);
    let output = Command::new(program)
        .args(arguments)
        .args(sample.arguments())
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
