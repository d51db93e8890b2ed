//! The scoreboard: each bug planted, searched for in several ways and ranges of seeds, and what that took.

use std::num::NonZeroUsize;
use std::path::Path;
use std::time::Duration;

use super::errand::{Brought, Errand};
use super::results::Results;
use super::search::{Find, Search, Searched};
use super::{Bug, PlantedError, WorkspaceCopy};
use crate::history::History;
use crate::report::planted::{BugReport, PlantedReport, RangeReport, SearchReport, ShrunkReport};
use crate::{judge, workspace};

/// How far the first seeds of two ranges lie apart: no range reaches the next.
const APART: u64 = 10_000;

/// How histories are found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Way {
    /// From which profile they are drawn.
    pub profile: String,
    /// Whether half of them are mutants of those that reached something new.
    pub guided: bool,
}

/// What to search, and how.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The bugs.
    pub bugs: Vec<Bug>,
    /// In which ways.
    pub ways: Vec<Way>,
    /// How many ranges of seeds are searched in each way.
    pub ranges: u64,
    /// Where the first of them begins; the others follow far behind.
    pub first_seed: u64,
    /// How many histories each search runs at most.
    pub most: u64,
    /// How long all searches for one bug may take together.
    pub time: Duration,
    /// How many simulations run side by side.
    pub jobs: NonZeroUsize,
    /// Nothing is built and searched: only what was measured before is told.
    pub only_known: bool,
}

/// What is done with a bug.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stage {
    /// It is planted, and its program built.
    Building,
    /// It is searched for.
    Searching,
    /// What was found is made smaller.
    Shrinking,
}

/// Plants each bug in a copy of the workspace below `folder`, and searches, unless that was done before. `begins` is told of each stage; `keep` gets
/// the smallest history that was found of each bug, and the property that it breaks.
///
/// # Errors
/// A bug cannot be planted, or a search failed; a history cannot be kept.
pub fn scoreboard<E: From<PlantedError>>(
    plan: &Plan,
    folder: &Path,
    mut begins: impl FnMut(&Bug, Stage),
    mut keep: impl FnMut(&Bug, &str, &History) -> Result<(), E>,
) -> Result<PlantedReport, E> {
    let (copy, results) = (WorkspaceCopy::new(folder), Results::new(&workspace::output_folder(folder)));
    let (mut bugs, mut unmeasured) = (Vec::new(), Vec::new());
    for bug in &plan.bugs {
        begins(bug, Stage::Building);
        let hash = copy.plant(bug)?;
        if let Some(known) = results.recall(bug, &hash, plan) {
            bugs.push(known);
            continue;
        }
        if plan.only_known {
            unmeasured.push(bug.name.clone());
            continue;
        }
        let program = copy.build(bug, &hash)?;
        begins(bug, Stage::Searching);
        let searched = search(bug, &program, plan)?;
        let mut shrunk = None;
        if let Some((way, find)) = to_shrink(bug, plan, &searched) {
            begins(bug, Stage::Shrinking);
            let (history, report) = shrink(bug, &program, way, find)?;
            keep(bug, &report.property, &history)?;
            shrunk = Some(report);
        }
        let report = BugReport {
            name: bug.name.clone(),
            mistake: bug.mistake.clone(),
            expected: bug.property.clone(),
            searches: plan.ways.iter().zip(&searched).map(|(way, ranges)| report(way, plan, ranges)).collect(),
            shrunk,
        };
        results.keep(bug, &hash, plan, &report)?;
        bugs.push(report);
    }
    Ok(PlantedReport { commit: workspace::commit(), ranges: plan.ranges, most: plan.most, bugs, unmeasured })
}

/// All searches for a bug: for each way, one for each range.
fn search(bug: &Bug, program: &Path, plan: &Plan) -> Result<Vec<Vec<Searched>>, PlantedError> {
    let ranges = |way| (0..plan.ranges).map(move |range| one(way, first_seed(plan, range), plan.most));
    let mut searches: Vec<Search> = plan.ways.iter().flat_map(ranges).collect();
    let mut done: Vec<Option<Searched>> = vec![None; searches.len()];
    // What breaks without the bug too is no find of it: that search goes on behind it.
    loop {
        let open: Vec<usize> = (0..searches.len()).filter(|&index| done[index].is_none()).collect();
        if open.is_empty() {
            break;
        }
        let time_ms = u64::try_from(plan.time.as_millis()).unwrap_or(u64::MAX);
        let asked = open.iter().map(|&index| searches[index].clone()).collect();
        let errand = Errand::Hunt { searches: asked, time_ms, jobs: plan.jobs };
        let Brought::Hunted(hunted) = errand.send(bug, program)? else { return Err(crossed(bug)) };
        for (index, searched) in open.into_iter().zip(hunted) {
            match &searched.find {
                Some(find) if breaks_anyway(find) => searches[index].after = searched.histories,
                _ => done[index] = Some(searched),
            }
        }
    }
    let mut done = done.into_iter().flatten();
    Ok(plan.ways.iter().map(|_| (0..plan.ranges).filter_map(|_| done.next()).collect()).collect())
}

fn one(way: &Way, first_seed: u64, most: u64) -> Search {
    Search { profile: way.profile.clone(), guided: way.guided, first_seed, most, after: 0 }
}

fn first_seed(plan: &Plan, range: u64) -> u64 {
    plan.first_seed.saturating_add(range.saturating_mul(APART))
}

/// Whether the server without the bug breaks what the find is known by.
fn breaks_anyway(find: &Find) -> bool {
    let here = judge::judge(&find.history);
    here.violated().any(|judgement| find.broken.first().is_some_and(|broken| broken == judgement.id))
}

/// One find is made smaller: of the way that suits the bug, the first range that has one.
fn to_shrink<'a>(bug: &Bug, plan: &'a Plan, searched: &'a [Vec<Searched>]) -> Option<(&'a Way, &'a Find)> {
    let finds = plan.ways.iter().zip(searched).flat_map(|(way, ranges)| {
        ranges.iter().filter_map(move |searched| searched.find.as_ref().map(|find| (way, find)))
    });
    // Of equals the first.
    finds.min_by_key(|(way, _)| way.guided || way.profile != bug.profile)
}

fn shrink(bug: &Bug, program: &Path, way: &Way, find: &Find) -> Result<(History, ShrunkReport), PlantedError> {
    let property = find.broken.iter().find(|broken| **broken == bug.property).or(find.broken.first());
    let property = property.cloned().unwrap_or_default();
    let errand = Errand::Shrink { history: Box::new(find.history.clone()), property: property.clone() };
    let Brought::Shrunk { history, runs, finished } = errand.send(bug, program)? else { return Err(crossed(bug)) };
    let report = ShrunkReport {
        profile: way.profile.clone(),
        guided: way.guided,
        seed: find.seed,
        property,
        steps: find.history.steps.len(),
        steps_left: history.steps.len(),
        runs,
        finished,
    };
    Ok((*history, report))
}

fn report(way: &Way, plan: &Plan, ranges: &[Searched]) -> SearchReport {
    let range = |(range, searched): (u64, &Searched)| RangeReport {
        first_seed: first_seed(plan, range),
        histories: searched.histories,
        took_ms: searched.took_ms,
        broken: searched.find.as_ref().map(|find| find.broken.clone()),
    };
    SearchReport { profile: way.profile.clone(), guided: way.guided, ranges: (0..).zip(ranges).map(range).collect() }
}

fn crossed(bug: &Bug) -> PlantedError {
    PlantedError::Search { bug: bug.name.clone(), reason: "brought something else than was asked for".to_owned() }
}
