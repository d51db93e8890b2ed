//! `cargo sim run`: the saved histories first, then new seeds, each judged by every property.

use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::thread;

use super::Exit;
use super::arguments;
use super::failure::examine;
use super::output::Output;
use super::progress;
use super::refusal::Refusal;
use crate::campaign;
use crate::failure::{Files, save_history};
use crate::history::History;
use crate::judge::{self, Digest};
use crate::report::{CampaignReport, FailureReport, Origin, text};
use crate::seeds::{Selection, environment};
use crate::workspace;

/// Runs `cargo sim run`.
///
/// # Errors
/// Something that was asked for does not exist, our own code panicked, or a file cannot be read or written.
pub fn run(arguments: &arguments::Run, output: &Output) -> Result<Exit, Refusal> {
    let selection = arguments.asked().resolve(&environment)?;
    judge::check_profile(&selection.profile)?;
    let plan = Plan { saved: saved(&selection)?, selection };
    let mut summary = judge::counter(&plan.selection.profile, plan.selection.seeds);

    let mut broken = Vec::new();
    let mut refusal = None;
    let bar = progress::bar(plan.count());
    let work = |index| {
        let outcome = judge::judge(&plan.history(index)?);
        Refusal::unless_panicked(outcome, || plan.name(index)).map(judge::Outcome::digest)
    };
    campaign::in_order(plan.count(), jobs(arguments.jobs), work, |index, result| {
        bar.inc(1);
        let result = result.map_err(|source| Refusal::Panicked { what: plan.name(index), source });
        match result.and_then(|digest| digest) {
            Err(error) => refusal = Some(error),
            Ok(digest) => {
                summary.count(&digest, plan.is_saved(index));
                match first_violated(&digest) {
                    None => return ControlFlow::Continue(()),
                    Some(property) => broken.push((index, property)),
                }
                if arguments.keep_going {
                    return ControlFlow::Continue(());
                }
            }
        }
        ControlFlow::Break(())
    });
    bar.finish_and_clear();
    if let Some(refusal) = refusal {
        return Err(refusal);
    }

    let failures: Result<Vec<_>, Refusal> =
        broken.iter().map(|&(index, property)| failure(&plan, index, property, arguments)).collect();
    let summary = summary.finish();
    let report = CampaignReport { conclusion: summary.conclusion(), summary, failures: failures? };
    output.report(&report, text::campaign)?;
    Ok(report.conclusion.into())
}

/// What is run, in order.
struct Plan {
    /// The committed histories, by the names of their files.
    saved: Vec<(String, History)>,
    selection: Selection,
}

impl Plan {
    fn count(&self) -> u64 {
        self.selection.seeds.count().saturating_add(self.saved.len() as u64)
    }

    fn is_saved(&self, index: u64) -> bool {
        index < self.saved.len() as u64
    }

    fn history(&self, index: u64) -> Result<History, Refusal> {
        match usize::try_from(index).ok().and_then(|index| self.saved.get(index)) {
            Some((_, history)) => Ok(history.clone()),
            None => Ok(judge::draw(self.seed(index), &self.selection.profile)?),
        }
    }

    /// The seed of a history that is not a saved one.
    fn seed(&self, index: u64) -> u64 {
        self.selection.seeds.at(index - self.saved.len() as u64)
    }

    fn name(&self, index: u64) -> String {
        match usize::try_from(index).ok().and_then(|index| self.saved.get(index)) {
            Some((file, _)) => format!("the saved history {file}"),
            None => format!("seed {} of {}", self.seed(index), self.selection.profile),
        }
    }
}

/// The committed histories; none when somebody asks for one seed alone.
fn saved(selection: &Selection) -> Result<Vec<(String, History)>, Refusal> {
    if selection.single {
        return Ok(Vec::new());
    }
    let files = workspace::saved_histories()
        .map_err(|error| Refusal::Saved { file: "sim/histories".into(), reason: error.to_string() })?;
    let load = |file: PathBuf| {
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        judge::load(&file).map(|history| (name, history)).map_err(|reason| Refusal::Saved { file, reason })
    };
    files.into_iter().map(load).collect()
}

fn failure(
    plan: &Plan,
    index: u64,
    property: &'static str,
    arguments: &arguments::Run,
) -> Result<FailureReport, Refusal> {
    let history = plan.history(index)?;
    let origin = if plan.is_saved(index) { Origin::File } else { Origin::Seed };
    let output = &arguments.output;
    save_history(&history, Some(property), Files { output, history: "full.json" })?;
    let mut failure = examine(&history, origin, property).ok_or_else(|| Refusal::NotRepeated {
        what: plan.name(index),
        property: property.to_owned(),
        seed: history.seed,
    })?;
    failure.save(Files { output, history: "history.json" })?;
    Ok(failure.report)
}

fn first_violated(digest: &Digest) -> Option<&'static str> {
    let violated = |judgement: &&judge::Judgement| matches!(judgement.verdict, properties::Verdict::Violated(_));
    digest.judgements.iter().find(violated).map(|judgement| judgement.id)
}

/// How many simulations run side by side: as many as asked for, else as many as there are cores.
pub fn jobs(asked: Option<NonZeroUsize>) -> NonZeroUsize {
    asked.or_else(|| thread::available_parallelism().ok()).unwrap_or(NonZeroUsize::MIN)
}
