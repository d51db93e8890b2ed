//! Making a failing history small: by workers, so that what hangs or crashes on the way takes nothing with it.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use properties::Violation;

use super::failures::{CRASHED, Files, Found, HUNG, NOT_REPEATED, PANICKED, Record, SmallestRun, shape};
use super::runner::{End, NoWorker, Runner};
use super::wire::{Reply, Task};
use crate::explain;
use crate::failure::Failure;
use crate::history::{History, Profile};
use crate::judge::{self, EXPLAIN_RUNS, EXPLAIN_TIME, SHRINK_TIME};
use crate::report::{FailureReport, Origin};
use crate::shrink::{self, Budget};
use crate::workspace;

/// What making it small may cost.
#[derive(Clone, Copy, Debug)]
pub struct Effort<'a> {
    /// How many runs the search for less may take.
    pub runs: u32,
    /// Looked at again and again: whether to stop with the best so far.
    pub stopped: &'a AtomicBool,
}

/// Makes a failing history small and says all that there is to say about it.
///
/// # Errors
/// No worker can be started.
pub fn minimise(found: &Found, runner: &mut Runner<'_>, effort: Effort<'_>) -> Result<(Record, Files), NoWorker> {
    if found.property == HUNG {
        // Each attempt would take as long as the patience with a run.
        return Ok(unjudged(found, found.history.clone()));
    }
    if !fails(found, &found.history, runner)? {
        return Ok(not_repeated(found));
    }
    let mut lost = None;
    let mut still_fails = |candidate: &History| {
        fails(found, candidate, runner).unwrap_or_else(|error| {
            lost = Some(error);
            false
        })
    };
    let shrunk = shrink::shrink(found.history.clone(), &mut still_fails, budget(effort.runs, SHRINK_TIME, effort));
    let is_violation = found.property != CRASHED && found.property != PANICKED;
    let windows = match is_violation {
        true => explain::explain(
            &shrunk.history,
            &mut still_fails,
            budget(EXPLAIN_RUNS.min(effort.runs), EXPLAIN_TIME, effort),
        ),
        false => Vec::new(),
    };
    if let Some(error) = lost {
        return Err(error);
    }
    if !is_violation {
        return Ok(unjudged(found, shrunk.history));
    }
    // A worker has just run this very history to its end.
    let run = || {
        let outcome = judge::judge(&shrunk.history);
        Failure::new(shrunk.history.clone(), outcome, &found.property, origin(found), found.history.steps.len())
    };
    let Ok(Some(mut failure)) = catch_unwind(AssertUnwindSafe(run)) else { return Ok(unjudged(found, shrunk.history)) };
    failure.report.explain(&windows, &failure.outcome.run.trace);
    let file = failure.trace("history.json");
    let run = Some(SmallestRun { trace: failure.outcome.run.trace, file });
    let files = Files { history: failure.history.clone(), full: found.history.clone(), run };
    Ok((record(found, failure.report, &failure.history), files))
}

/// Whether a history fails in the way that `found` did.
fn fails(found: &Found, history: &History, runner: &mut Runner<'_>) -> Result<bool, NoWorker> {
    let end = runner.run(&Task::History(Box::new(history.clone())))?;
    Ok(match (found.property.as_str(), end) {
        (CRASHED, End::Died(_)) | (PANICKED, End::Replied(Reply::Panicked(_))) => true,
        (property, End::Replied(Reply::Ran(ran))) => ran.breaks(property),
        _ => false,
    })
}

/// What no property says: that a run hung, crashed, panicked, or cannot be told by this process.
fn unjudged(found: &Found, history: History) -> (Record, Files) {
    let first = found.words.lines().next().unwrap_or_default();
    let (expected, observed) = match found.property.as_str() {
        HUNG => ("the run ends", first.to_owned()),
        CRASHED => ("the run ends, and the process that runs it goes on", first.to_owned()),
        PANICKED => ("nothing but the server panics in a run", first.to_owned()),
        _ => ("the property holds", found.signature.clone()),
    };
    let report = report(found, &history, expected, observed);
    let files = Files { history: history.clone(), full: found.history.clone(), run: None };
    (record(found, report, &history), files)
}

fn not_repeated(found: &Found) -> (Record, Files) {
    let observed = format!("{} failed in the first run and not in the second", found.property);
    let found = Found { property: NOT_REPEATED.to_owned(), ..found.clone() };
    let report = report(&found, &found.history, "two runs of one history are equal", observed);
    let files = Files { history: found.history.clone(), full: found.history.clone(), run: None };
    let mut record = record(&found, report, &found.history);
    // What is not repeated has no smallest history: all of a kind are one.
    record.shape = vec![found.signature.clone()];
    (record, files)
}

fn report(found: &Found, history: &History, expected: &str, observed: String) -> FailureReport {
    FailureReport {
        property: found.property.clone(),
        requirements: Vec::new(),
        origin: origin(found),
        seed: history.seed,
        profile: history.profile.clone(),
        steps: found.history.steps.len(),
        steps_left: history.steps.len(),
        violation: Violation { expected: expected.to_owned(), observed, evidence: Vec::new() },
        windows: Vec::new(),
        also_broken: Vec::new(),
        commit: workspace::commit(),
        file: String::new(),
        trace: String::new(),
        page: String::new(),
    }
}

fn record(found: &Found, report: FailureReport, history: &History) -> Record {
    // A hung run was not made small: its steps say nothing, and all that hang are one.
    let shape = if found.property == HUNG { Vec::new() } else { shape(history) };
    let found_by = BTreeMap::from([(found.name(), found.signature.clone())]);
    Record { report, shape, found: found_by, words: found.words.clone() }
}

/// A seed, if the seed makes this very history; a file otherwise.
fn origin(found: &Found) -> Origin {
    let History { seed, profile, .. } = &found.history;
    let drawn = Profile::named(profile).map(|profile| History::from_seed(*seed, &profile));
    if drawn.is_ok_and(|drawn| drawn == found.history) { Origin::Seed } else { Origin::File }
}

fn budget(runs: u32, time: Duration, effort: Effort<'_>) -> Budget<impl FnMut() -> bool> {
    #[expect(clippy::disallowed_methods, reason = "bounds how long one failure keeps a worker; no run can see it")]
    let began = Instant::now();
    Budget { runs, expired: move || began.elapsed() >= time || effort.stopped.load(Ordering::Relaxed) }
}
