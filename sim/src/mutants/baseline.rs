//! Everything once without any mutant: it must hold, and its runs must be those of the program without switches. It tells
//! how long a mutant may take, and which mutants each part reaches: no other can be noticed there.

use std::collections::BTreeSet;
use std::fs;
use std::num::NonZeroUsize;
use std::path::Path;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::MutantsError;
use super::process::{Run, run};
use super::stages::{Programs, failed, name, noticed, succeeded};
use super::trial::{Case, Trial};
use crate::campaign;

/// How long each part may take without a mutant.
const MOST: Duration = Duration::from_secs(1_800);

/// What is compared with the program without switches: everything that happens in these runs.
const COMPARED: [&str; 9] = ["fingerprints", "--seeds", "0..8", "--profile", "swarm", "--every", "1", "--jobs", "1"];

/// What is known without any mutant.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(super) struct Baseline {
    /// Of each history.
    pub cases: Vec<Part>,
    /// Of each program of tests.
    pub tests: Vec<Part>,
}

/// A history, or a program of tests.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(super) struct Part {
    /// How long it took, in milliseconds.
    pub took_ms: u64,
    /// The mutants whose switches it asked.
    pub reached: BTreeSet<u32>,
}

/// Runs the programs without any mutant, unless those with this hash held before.
///
/// # Errors
/// Something is noticed although there is nothing to notice.
pub(super) fn baseline(
    folder: &Path,
    hash: &str,
    programs: &Programs,
    cases: &[Case],
    jobs: NonZeroUsize,
) -> Result<Baseline, MutantsError> {
    let file = folder.join("results").join(format!("{hash}.baseline.json"));
    if let Some(known) = fs::read(&file).ok().and_then(|text| serde_json::from_slice(&text).ok()) {
        return Ok(known);
    }
    check_runs(programs)?;
    let asked = folder.join("asked");
    fs::create_dir_all(&asked).map_err(MutantsError::place("make", &asked))?;
    let work = |index: u64| {
        let case = &cases[usize::try_from(index).expect("there are fewer histories than memory")];
        try_out(programs, case, &asked.join(format!("case-{index}")))
    };
    let panicked = |_, source| MutantsError::Panicked(source);
    let cases = campaign::collect(cases.len() as u64, jobs, panicked, work)?;
    let test = |test| test_out(programs, test, &asked.join(name(test)));
    let tests = programs.tests.iter().map(|program| test(program)).collect::<Result<_, _>>()?;
    let baseline = Baseline { cases, tests };
    let results = folder.join("results");
    fs::create_dir_all(&results).map_err(MutantsError::place("make", &results))?;
    let text = serde_json::to_vec(&baseline).expect("it has only string keys");
    fs::write(&file, text).map_err(MutantsError::place("write", &file))?;
    Ok(baseline)
}

fn try_out(programs: &Programs, case: &Case, asked: &Path) -> Result<Part, MutantsError> {
    forget(asked)?;
    let told = Trial { cases: vec![case.clone()] }.told();
    let ended = run(Run { asked: Some(asked), ..programs.trial(&told) }, MOST)?;
    match noticed(&ended) {
        None => part(ended.took, asked),
        Some((by, _)) => Err(MutantsError::Baseline { reason: format!("the simulation fails ({by})") }),
    }
}

fn test_out(programs: &Programs, test: &Path, asked: &Path) -> Result<Part, MutantsError> {
    forget(asked)?;
    let ended = run(Run { asked: Some(asked), ..programs.test(test) }, MOST)?;
    if succeeded(&ended) {
        return part(ended.took, asked);
    }
    let failed = failed(&ended).join(", ");
    Err(MutantsError::Baseline { reason: format!("the server's tests in `{}` fail ({failed})", name(test)) })
}

/// The switches must disturb nothing: with none of them set, every run is what it is in this program.
fn check_runs(programs: &Programs) -> Result<(), MutantsError> {
    let this = std::env::current_exe().map_err(MutantsError::place("find", "this program"))?;
    let fingerprints = |program: &Path| {
        let run = run(Run { program, arguments: &COMPARED, ..programs.trial("") }, MOST)?;
        Ok::<_, MutantsError>((succeeded(&run), run.output))
    };
    let (with, without) = (fingerprints(&programs.simulation)?, fingerprints(&this)?);
    if with != without || !with.0 {
        let reason = "runs with all switches off are not those of this program".to_owned();
        return Err(MutantsError::Baseline { reason });
    }
    Ok(())
}

/// What was asked before is not asked now.
fn forget(asked: &Path) -> Result<(), MutantsError> {
    match fs::remove_file(asked) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(MutantsError::place("remove", asked)(error)),
        _ => Ok(()),
    }
}

/// Where nothing was asked, there is no file.
fn part(took: Duration, asked: &Path) -> Result<Part, MutantsError> {
    let text = match fs::read_to_string(asked) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        read => read.map_err(MutantsError::place("read", asked))?,
    };
    let reached = text.lines().filter_map(|line| line.parse().ok()).collect();
    Ok(Part { took_ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX), reached })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_by_several_processes_is_reached() {
        let folder = tempfile::tempdir().unwrap();
        let asked = folder.path().join("asked");
        assert_eq!(part(Duration::from_secs(1), &asked).unwrap(), Part { took_ms: 1_000, reached: BTreeSet::new() });
        fs::write(&asked, "7\n3\n7\n\n").unwrap();
        assert_eq!(part(Duration::ZERO, &asked).unwrap().reached, BTreeSet::from([3, 7]));
        forget(&asked).unwrap();
        forget(&asked).unwrap();
        assert!(!asked.exists());
    }
}
