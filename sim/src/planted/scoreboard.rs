//! The scoreboard: each bug planted, searched for by each profile, and what that took.

use std::num::NonZeroUsize;
use std::path::Path;
use std::process::{Command, Stdio};

use super::{Bug, Find, PlantedError, WorkspaceCopy};
use crate::report::planted::{BugReport, FindReport, PlantedReport, SearchReport};
use crate::seeds::SeedRange;
use crate::{judge, workspace};

/// What to search, and how.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The bugs.
    pub bugs: Vec<Bug>,
    /// The seeds, each search from the first of them.
    pub seeds: SeedRange,
    /// By which profiles.
    pub profiles: Vec<String>,
    /// How many simulations run side by side.
    pub jobs: NonZeroUsize,
}

/// Plants each bug in a copy of the workspace below `folder`, and searches. `begins` is told of each search; `keep` gets
/// the smallest history that each has found.
///
/// # Errors
/// A bug cannot be planted, or a search failed; a history cannot be kept.
pub fn scoreboard<E: From<PlantedError>>(
    plan: &Plan,
    folder: &Path,
    mut begins: impl FnMut(&Bug, Option<&str>),
    mut keep: impl FnMut(&Bug, &str, &Find) -> Result<(), E>,
) -> Result<PlantedReport, E> {
    let copy = WorkspaceCopy::new(folder);
    let mut bugs = Vec::new();
    for bug in &plan.bugs {
        begins(bug, None);
        let program = copy.plant(bug)?;
        let mut searches = Vec::new();
        for profile in &plan.profiles {
            begins(bug, Some(profile));
            let found = search(bug, &program, plan, profile)?;
            if let Some(find) = &found {
                keep(bug, profile, find)?;
            }
            let found = found.map(|find| FindReport::new(&find, plan.seeds));
            searches.push(SearchReport { profile: profile.clone(), found });
        }
        bugs.push(BugReport {
            name: bug.name.clone(),
            mistake: bug.mistake.clone(),
            expected: bug.property.clone(),
            searches,
        });
    }
    Ok(PlantedReport::new(workspace::commit(), plan.seeds, bugs))
}

/// Searches with the program that has the bug. What breaks without the bug too is no find of it: the search goes on.
fn search(bug: &Bug, program: &Path, plan: &Plan, profile: &str) -> Result<Option<Find>, PlantedError> {
    let mut seeds = plan.seeds;
    loop {
        let Some(find) = hunt_there(bug, program, seeds, profile, plan.jobs)? else { return Ok(None) };
        let here = judge::judge(&judge::draw(find.seed, profile)?);
        if here.violated().all(|judgement| find.broken.first().is_none_or(|broken| broken != judgement.id)) {
            return Ok(Some(find));
        }
        match seeds.after(find.seed) {
            Some(rest) => seeds = rest,
            None => return Ok(None),
        }
    }
}

fn hunt_there(
    bug: &Bug,
    program: &Path,
    seeds: SeedRange,
    profile: &str,
    jobs: NonZeroUsize,
) -> Result<Option<Find>, PlantedError> {
    let failed = |reason: String| PlantedError::Search { bug: bug.name.clone(), reason };
    let output = Command::new(program)
        .args(["hunt", "--seeds", &seeds.to_string(), "--profile", profile, "--jobs", &jobs.to_string()])
        .stdin(Stdio::null())
        // A bug may well make the server panic: that is a find, told as one.
        .stderr(Stdio::null())
        .output()
        .map_err(|error| failed(format!("could not be started: {error}")))?;
    if !output.status.success() {
        let again = format!("{} hunt --seeds {seeds} --profile {profile} --jobs 1", program.display());
        return Err(failed(format!("failed ({}); to see why: {again}", output.status)));
    }
    serde_json::from_slice(&output.stdout).map_err(|error| failed(format!("wrote what cannot be read: {error}")))
}
