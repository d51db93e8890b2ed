//! `cargo sim run`: the saved histories first, then new seeds, each judged by every property.

use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::{fs, io, thread};

use properties::trace::Trace;

use super::Exit;
use super::arguments;
use super::failure::examine;
use super::output::Output;
use super::page_place::PagePlace;
use super::progress;
use super::refusal::Refusal;
use crate::campaign;
use crate::failure::{Failure, Files, save_history};
use crate::history::History;
use crate::judge::{self, Digest, Outcome};
use crate::report::recovery::RunName;
use crate::report::summary::Counter;
use crate::report::{CampaignReport, Origin, OwnError, junit, page, text};
use crate::seeds::{Selection, environment};
use crate::workspace;

/// Runs `cargo sim run`.
///
/// # Errors
/// Something that was asked for does not exist, our own code panicked, or a file cannot be read or written.
pub fn run(arguments: &arguments::Run, output: &Output) -> Result<Exit, Refusal> {
    let selection = arguments.asked().resolve(&environment)?;
    judge::check_profile(&selection.profile)?;
    let page = arguments.html.as_deref().map(PagePlace::prepare).transpose()?;
    let plan = Plan { saved: saved(&selection)?, selection };
    let (mut report, traces, exit) = run_plan(&plan, arguments, judge::judge)?;
    if let Some(place) = page {
        report.page = place.write(&page::campaign(&report, &traces))?;
    }
    output.report(&report, text::campaign)?;
    if let Some(file) = &arguments.junit {
        write_junit(file, &report).map_err(|error| Refusal::write(file, &error))?;
    }
    Ok(exit)
}

/// Runs what is planned, and examines what fails: what there is to say, the traces of the failures in their order, and how
/// the command ends with that.
fn run_plan(
    plan: &Plan,
    arguments: &arguments::Run,
    judge: impl Fn(&History) -> Outcome + Sync,
) -> Result<(CampaignReport, Vec<Trace>, Exit), Refusal> {
    let Runs { summary, broken, panicked } = run_all(plan, arguments, judge)?;
    let failures: Result<Vec<Failure>, Refusal> =
        broken.iter().map(|&(index, property)| failure(plan, index, property, arguments)).collect();
    let (failures, traces): (Vec<_>, Vec<_>) =
        failures?.into_iter().map(|failure| (failure.report, failure.outcome.run.trace)).unzip();
    let errors: Result<Vec<_>, Refusal> =
        panicked.into_iter().map(|(index, error)| own_error(plan, index, error, arguments)).collect();
    let summary = summary.finish();
    let (conclusion, errors) = (summary.conclusion(), errors?);
    let report = CampaignReport { conclusion, summary, failures, errors, page: String::new() };
    let exit = if report.errors.is_empty() { report.conclusion.into() } else { Exit::OwnError };
    Ok((report, traces, exit))
}

fn write_junit(file: &Path, report: &CampaignReport) -> io::Result<()> {
    file.parent().map_or(Ok(()), fs::create_dir_all)?;
    fs::write(file, junit::campaign(report))
}

/// What came of the runs of a plan.
struct Runs {
    summary: Counter,
    /// Those that broke a property, and the first that each broke.
    broken: Vec<(u64, &'static str)>,
    /// Those in which our own code panicked: what did, and what it said.
    panicked: Vec<(u64, (String, String))>,
}

fn run_all(
    plan: &Plan,
    arguments: &arguments::Run,
    judge: impl Fn(&History) -> Outcome + Sync,
) -> Result<Runs, Refusal> {
    let mut summary = judge::counter(&plan.selection.profile, plan.selection.seeds);
    let (mut broken, mut panicked) = (Vec::new(), Vec::new());
    let mut refusal = None;
    let bar = progress::bar(plan.count());
    let work = |index| {
        let outcome = judge(&plan.history(index)?);
        let panicked = outcome.panicked().map(|(property, message)| (property.to_owned(), message.to_owned()));
        Ok::<_, Refusal>((Digest { name: plan.run_name(index), ..outcome.digest() }, panicked))
    };
    campaign::in_order(plan.count(), jobs(arguments.jobs), work, |index, result| {
        bar.inc(1);
        match result {
            // A run that says nothing is no reason not to hear the others.
            Err(source) => {
                panicked.push((index, ("the world".to_owned(), source.message)));
                return ControlFlow::Continue(());
            }
            Ok(Err(error)) => refusal = Some(error),
            Ok(Ok((digest, error))) => {
                panicked.extend(error.map(|error| (index, error)));
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
    refusal.map_or(Ok(Runs { summary, broken, panicked }), Err)
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

    /// As reports name it.
    fn run_name(&self, index: u64) -> RunName {
        match usize::try_from(index).ok().and_then(|index| self.saved.get(index)) {
            Some((file, _)) => RunName::Saved(file.clone()),
            None => RunName::Seed(self.seed(index)),
        }
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

fn failure(plan: &Plan, index: u64, property: &'static str, arguments: &arguments::Run) -> Result<Failure, Refusal> {
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
    Ok(failure)
}

/// Leaves the history of a run in which our own code panicked: what did, and what it said.
fn own_error(
    plan: &Plan,
    index: u64,
    (panicked, message): (String, String),
    arguments: &arguments::Run,
) -> Result<OwnError, Refusal> {
    let history = plan.history(index)?;
    let files = Files { output: &arguments.output, history: "panicked.json" };
    save_history(&history, None, files)?;
    let origin = if plan.is_saved(index) { Origin::File } else { Origin::Seed };
    let file = files.output.join(history.seed.to_string()).join(files.history).display().to_string();
    Ok(OwnError { origin, seed: history.seed, profile: history.profile, panicked, message, file })
}

fn first_violated(digest: &Digest) -> Option<&'static str> {
    let violated = |judgement: &&judge::Judgement| matches!(judgement.verdict, properties::Verdict::Violated(_));
    digest.judgements.iter().find(violated).map(|judgement| judgement.id)
}

/// How many simulations run side by side: as many as asked for, else as many as there are cores.
pub fn jobs(asked: Option<NonZeroUsize>) -> NonZeroUsize {
    asked.or_else(|| thread::available_parallelism().ok()).unwrap_or(NonZeroUsize::MIN)
}

#[cfg(test)]
mod tests {
    use properties::{Verdict, Violation};

    use super::*;
    use crate::history::{Profile, Saved};

    /// Seed 1 panics in the world, seed 2 in a property; seed 3 breaks one.
    fn trouble(template: &Outcome, history: &History) -> Outcome {
        let verdict = match history.seed {
            1 => panic!("no such luck"),
            2 => Verdict::Broken { panic: "index out of bounds".into() },
            3 => Verdict::Violated(Violation { expected: "a".into(), observed: "b".into(), evidence: vec![] }),
            _ => Verdict::Held { checked: 1 },
        };
        let judgement = judge::Judgement { id: "ordering/gapless", requirements: &["CG-2"], verdict };
        Outcome { run: template.run.clone(), judgements: vec![judgement] }
    }

    fn arguments(output: &Path) -> arguments::Run {
        arguments::Run {
            seed: None,
            seeds: None,
            profile: None,
            jobs: NonZeroUsize::new(2),
            keep_going: true,
            worst: None,
            runs: None,
            junit: None,
            output: output.to_owned(),
            html: None,
        }
    }

    #[test]
    fn a_panic_of_our_own_leaves_its_history_and_stops_nothing() {
        let tiny = History { users: vec![], rooms: vec![], steps: vec![], ..History::from_seed(1, &Profile::calm()) };
        let template = judge::judge(&tiny);
        let folder = tempfile::tempdir().expect("a temporary folder");
        let arguments = arguments(folder.path());
        let seeds = "0..6".parse().expect("a range");
        let selection = Selection { seeds, named: true, single: false, profile: "calm".into() };
        let plan = Plan { saved: vec![], selection };
        let runs = run_all(&plan, &arguments, |history| trouble(&template, history)).expect("nothing is refused");
        assert_eq!(runs.broken, [(3, "ordering/gapless")]);
        let errors: Vec<OwnError> = runs
            .panicked
            .into_iter()
            .map(|(index, error)| own_error(&plan, index, error, &arguments).expect("it can be written"))
            .collect();
        let told: Vec<_> = errors.iter().map(|error| (error.seed, &*error.panicked, &*error.message)).collect();
        assert_eq!(told, [(1, "the world", "no such luck"), (2, "ordering/gapless", "index out of bounds")]);
        let saved = Saved::load(&folder.path().join("2/panicked.json")).expect("it was just written");
        assert_eq!(saved.history, History::from_seed(2, &Profile::calm()));
        // The one that panicked in the world says nothing, all others are heard.
        assert_eq!(runs.summary.finish().runs, 5);
    }

    #[test]
    fn a_property_that_panics_ends_the_command_as_our_own_error_and_no_violation() {
        let tiny = History { users: vec![], rooms: vec![], steps: vec![], ..History::from_seed(1, &Profile::calm()) };
        let template = judge::judge(&tiny);
        let folder = tempfile::tempdir().expect("a temporary folder");
        let ends = |seeds: &str| {
            let arguments = arguments(folder.path());
            let seeds = seeds.parse().expect("a range");
            let selection = Selection { seeds, named: true, single: false, profile: "calm".into() };
            let plan = Plan { saved: vec![], selection };
            run_plan(&plan, &arguments, |history| trouble(&template, history)).expect("nothing is refused")
        };
        let (report, _, exit) = ends("2..3");
        assert_eq!((exit, exit as u8), (Exit::OwnError, 70));
        assert_eq!((report.failures.len(), report.errors.len()), (0, 1));
        assert_eq!(report.errors[0].panicked, "ordering/gapless");
        let told = text::plain(&text::campaign(&report));
        let next =
            format!("next    RUST_BACKTRACE=1 cargo sim replay {}\n", folder.path().join("2/panicked.json").display());
        assert!(told.starts_with("ERROR   ordering/gapless panicked   seed 2") && told.ends_with(&next), "{told}");
        let (_, _, exit) = ends("0..1");
        assert_eq!(exit, Exit::Held);
    }
}
