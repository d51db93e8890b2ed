//! A failure: the history made smaller, its report, and what is left under `target/sim/<seed>/`.

use std::path::{Path, PathBuf};
use std::{fs, io};

use super::progress;
use super::refusal::Refusal;
use super::workspace;
use crate::history::History;
use crate::judge::{self, Judgement, Outcome};
use crate::report::failure::Sizes;
use crate::report::text::{failure, plain};
use crate::report::{FailureReport, Origin};

/// A failure, in the smallest history found.
#[derive(Debug)]
pub struct Failure {
    /// What there is to say about it.
    pub report: FailureReport,
    /// The smallest history found.
    history: History,
    /// Its run.
    outcome: Outcome,
}

/// Where the files of a failure go.
#[derive(Clone, Copy, Debug)]
pub struct Files<'a> {
    /// The folder of all failures.
    pub output: &'a Path,
    /// The name of the smallest history's file.
    pub history: &'a str,
}

/// Makes the history smaller that breaks `property`, and reports on what is left of it. `None`: run again, the
/// history breaks nothing, so a run is not a function of its history.
pub fn examine(history: &History, origin: Origin, property: &str) -> Option<Failure> {
    let spinner = progress::spinner(format!("seed {} breaks {property}: searching for less", history.seed));
    let shrunk = judge::shrink(history, property).history;
    let outcome = judge::judge(&shrunk);
    spinner.finish_and_clear();

    let sizes = Sizes { steps: history.steps.len(), steps_left: shrunk.steps.len() };
    let judgement: &Judgement = outcome.violated().find(|judgement| judgement.id == property)?;
    let mut report = FailureReport::new(judgement, &outcome, &shrunk, origin, sizes)?;
    report.commit = workspace::commit();
    Some(Failure { report, history: shrunk, outcome })
}

impl Failure {
    /// Leaves the smallest history, its trace and the report in the folder of the seed.
    ///
    /// # Errors
    /// Something cannot be written.
    pub fn save(&mut self, files: Files<'_>) -> Result<(), Refusal> {
        let shown = files.output.join(self.report.seed.to_string());
        let folder = workspace::output_folder(&shown);
        let history = folder.join(files.history);
        judge::save(&history, &self.history, &self.report.property)
            .map_err(|reason| Refusal::Write { place: history, reason })?;
        self.report.file = shown.join(files.history).display().to_string();

        write(folder.join("trace.jsonl"), trace_lines(&self.outcome))?;
        write(folder.join("report.txt"), plain(&failure(&self.report)))
    }
}

/// The full history that a failure was found in, beside the smallest one.
///
/// # Errors
/// It cannot be written.
pub fn save_full(history: &History, property: &str, output: &Path) -> Result<(), Refusal> {
    let place = workspace::output_folder(&output.join(history.seed.to_string())).join("full.json");
    judge::save(&place, history, property).map_err(|reason| Refusal::Write { place, reason })
}

fn trace_lines(outcome: &Outcome) -> String {
    let line = |entry| serde_json::to_string(entry).expect("a trace has only string keys") + "\n";
    outcome.run.trace.entries.iter().map(line).collect()
}

fn write(place: PathBuf, text: String) -> Result<(), Refusal> {
    let written: io::Result<()> = fs::write(&place, text);
    written.map_err(|error| Refusal::write(&place, &error))
}
