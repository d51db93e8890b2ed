//! `cargo sim run --worst recovery`: seeds first, then histories like the worst of them, and worse.

use std::ops::ControlFlow;

use super::Exit;
use super::arguments;
use super::failure::examine;
use super::output::Output;
use super::progress;
use super::refusal::Refusal;
use super::run::jobs;
use crate::campaign::{self, Panicked};
use crate::failure::{Files, Unwritable, save_history};
use crate::history::{History, Profile, Saved};
use crate::judge;
use crate::recovery::Recovery;
use crate::report::recovery::RunName;
use crate::report::worst::{WorstRecovery, WorstReport, WorstStep, longest};
use crate::report::{Conclusion, Origin, text};
use crate::search::{Climb, Gain, Score, Trial};
use crate::seeds::environment;
use crate::words::seconds;
use crate::workspace;

/// How many changed histories are tried when nobody says otherwise.
pub const DEFAULT_RUNS: u64 = 200;

/// What is known of a run that was tried.
#[derive(Clone)]
struct Told {
    /// The first property that it broke.
    violated: Option<&'static str>,
    /// What panicked, and what it said.
    panicked: Option<(&'static str, String)>,
    /// The recovery that took longest.
    longest: Option<Recovery>,
}

/// Runs `cargo sim run --worst recovery`.
///
/// # Errors
/// Something that was asked for does not exist, our own code panicked, or a file cannot be written.
pub fn worst(arguments: &arguments::Run, output: &Output) -> Result<Exit, Refusal> {
    let selection = arguments.asked().resolve(&environment)?;
    let profile = Profile::named(&selection.profile)?;
    let runs = arguments.runs.map_or(DEFAULT_RUNS, std::num::NonZeroU64::get);
    let bar = progress::bar(selection.seeds.count().saturating_add(runs));
    let mut trials = Vec::new();
    let mut panicked = None;
    let work = |index| {
        let history = History::from_seed(selection.seeds.at(index), &profile);
        let (score, told) = try_one(&history);
        Trial { history, score, told }
    };
    campaign::in_order(selection.seeds.count(), jobs(arguments.jobs), work, |index, result| {
        bar.inc(1);
        match result {
            Err(source) => panicked = Some((History::from_seed(selection.seeds.at(index), &profile), source)),
            Ok(trial) => {
                let is_over = is_over(&trial.told);
                trials.push(trial);
                if !is_over {
                    return ControlFlow::Continue(());
                }
            }
        }
        ControlFlow::Break(())
    });
    refuse_panicked(arguments, panicked)?;
    let mut report = WorstReport {
        conclusion: Conclusion::Vacuous,
        profile: selection.profile.clone(),
        seeds: selection.seeds,
        runs: 0,
        steps: Vec::new(),
        worst: None,
        failures: Vec::new(),
    };
    if let Some(trial) = trials.pop_if(|trial| is_over(&trial.told)) {
        bar.finish_and_clear();
        return conclude(arguments, output, report, None, Some((trial, Origin::Seed)));
    }
    // Stable: of equal ones the first seed.
    trials.sort_by_key(|trial| std::cmp::Reverse(trial.score));
    let first = trials.first().cloned().expect("a range of seeds holds at least one");
    let seed = Some(RunName::Seed(first.history.seed));
    report.steps.push(WorstStep { seed, run: 0, after_ms: first.score.worst });

    let climb = Climb { profile: &profile, runs, jobs: jobs(arguments.jobs) };
    let found = climb.from(&trials, try_one, is_over, || bar.inc(1));
    bar.finish_and_clear();
    let found = match found {
        Err(failure) => {
            return refuse_panicked(arguments, Some(*failure)).map(|()| Exit::OwnError);
        }
        Ok(found) => found.expect("there is a seed to begin with"),
    };
    report.runs = found.runs;
    report.steps.extend(steps(&found.gains, first.score.worst));
    conclude(arguments, output, report, Some(found.worst), found.stopped_by.map(|trial| (trial, Origin::File)))
}

fn try_one(history: &History) -> (Score, Told) {
    let outcome = judge::judge(history);
    let violated = outcome.violated().next().map(|judgement| judgement.id);
    let panicked = outcome.panicked().map(|(property, panic)| (property, panic.to_owned()));
    let recoveries = outcome.run.recoveries;
    let after_heal = || recoveries.iter().filter(|recovery| recovery.is_after_heal).map(|recovery| recovery.after_ms);
    let score = Score { worst: after_heal().max().unwrap_or_default(), sum: after_heal().sum() };
    (score, Told { violated, panicked, longest: longest(&recoveries).cloned() })
}

fn is_over(told: &Told) -> bool {
    told.violated.is_some() || told.panicked.is_some()
}

/// The gains that a person sees: those of the longest recovery.
fn steps(gains: &[Gain], mut longest_ms: u64) -> Vec<WorstStep> {
    let mut steps = Vec::new();
    for gain in gains {
        if gain.score.worst > longest_ms {
            longest_ms = gain.score.worst;
            steps.push(WorstStep { seed: None, run: gain.run, after_ms: longest_ms });
        }
    }
    steps
}

fn conclude(
    arguments: &arguments::Run,
    output: &Output,
    mut report: WorstReport,
    worst: Option<Trial<Told>>,
    stopped_by: Option<(Trial<Told>, Origin)>,
) -> Result<Exit, Refusal> {
    if let Some(Trial { history, told: Told { longest: Some(longest), .. }, .. }) = worst
        && longest.after_ms > 0
    {
        report.conclusion = Conclusion::Held;
        report.worst = Some(keep(arguments, &history, &longest)?);
    }
    if let Some((Trial { history, told, .. }, origin)) = stopped_by {
        if let Some((property, panic)) = told.panicked {
            save_history(&history, None, Files { output: &arguments.output, history: "panicked.json" })?;
            let panic = panic.lines().next().unwrap_or_default().to_owned();
            return Err(Refusal::PropertyPanicked {
                what: saved_as(arguments, &history),
                property: property.to_owned(),
                panic,
            });
        }
        if let Some(property) = told.violated {
            save_history(&history, Some(property), Files { output: &arguments.output, history: "full.json" })?;
            let mut failure = examine(&history, origin, property).ok_or_else(|| Refusal::NotRepeated {
                what: format!("a history of seed {}", history.seed),
                property: property.to_owned(),
                seed: history.seed,
            })?;
            failure.save(Files { output: &arguments.output, history: "history.json" })?;
            report.conclusion = Conclusion::Violated;
            report.failures.push(failure.report);
        }
    }
    output.report(&report, text::worst)?;
    Ok(report.conclusion.into())
}

/// Leaves the history of the worst recovery, with a note that says what it is.
fn keep(arguments: &arguments::Run, history: &History, longest: &Recovery) -> Result<WorstRecovery, Refusal> {
    let shown = arguments.output.join(history.seed.to_string()).join("worst-recovery.json");
    let place = workspace::output_folder(&shown);
    let note =
        format!("The worst recovery found: {} took {} from the heal.", longest.device, seconds(longest.after_ms));
    let saved = Saved { note: Some(note), ..Saved::new(history.clone()) };
    saved.save(&place).map_err(|error| Unwritable { place, reason: error.source.to_string() })?;
    Ok(WorstRecovery {
        device: longest.device.clone(),
        after_ms: longest.after_ms,
        from: longest.from.iter().copied().collect(),
        history_steps: history.steps.len(),
        faults: history.faults().count(),
        file: shown.display().to_string(),
    })
}

/// A panic of the world ends the search; its history is left to be looked at.
fn refuse_panicked(arguments: &arguments::Run, panicked: Option<(History, Panicked)>) -> Result<(), Refusal> {
    let Some((history, source)) = panicked else { return Ok(()) };
    save_history(&history, None, Files { output: &arguments.output, history: "panicked.json" })?;
    Err(Refusal::Panicked { what: saved_as(arguments, &history), source })
}

fn saved_as(arguments: &arguments::Run, history: &History) -> String {
    let file = arguments.output.join(history.seed.to_string()).join("panicked.json");
    format!("the history saved as {}", file.display())
}
