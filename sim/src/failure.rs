//! A failure as it is kept: its report, and under `target/sim/<seed>/` all that a person needs to see it again (SIM-4).
//!
//! Made from a run that broke a property, after whoever ran it has searched for a smaller one. Nothing here runs a
//! history: the command and `cargo test` both come here with what they found.

use std::fs;
use std::path::{Path, PathBuf};

use crate::history::{History, Saved};
use crate::judge::Outcome;
use crate::report::failure::Sizes;
use crate::report::text::{failure, plain};
use crate::report::{FailureReport, Origin, page};
use crate::trace_file::{self, About};
use crate::workspace;

/// The name of a failure's page, in its folder.
pub const PAGE: &str = "page.html";

/// A broken property, in the smallest history found that breaks it.
#[derive(Debug)]
pub struct Failure {
    /// What there is to say about it.
    pub report: FailureReport,
    /// The smallest history found.
    pub history: History,
    /// Its run.
    pub outcome: Outcome,
}

/// The name of the file of a failure's trace, in the folder of the failure.
pub const TRACE: &str = "trace.jsonl";

/// Where the files of a failure go.
#[derive(Clone, Copy, Debug)]
pub struct Files<'a> {
    /// The folder of all failures.
    pub output: &'a Path,
    /// The name of the smallest history's file.
    pub history: &'a str,
}

/// Something that a failure should leave behind cannot be written.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("cannot write `{}`: {reason}", place.display())]
pub struct Unwritable {
    /// Where to.
    pub place: PathBuf,
    /// Why not.
    pub reason: String,
}

impl Failure {
    /// What `outcome`, the run of `history`, has to say about `property`; nothing if it does not break it. `steps` is how
    /// many steps the history had before it was made smaller.
    pub fn new(history: History, outcome: Outcome, property: &str, origin: Origin, steps: usize) -> Option<Self> {
        let sizes = Sizes { steps, steps_left: history.steps.len() };
        let judgement = outcome.violated().find(|judgement| judgement.id == property)?;
        let mut report = FailureReport::new(judgement, &outcome, &history, origin, sizes)?;
        report.commit = workspace::commit();
        Some(Self { report, history, outcome })
    }

    /// The trace of its run, as a file that is kept beside the smallest history, whose file is named `history`.
    pub fn trace(&self, history: &str) -> String {
        let FailureReport { origin, steps, commit, .. } = &self.report;
        let about = About::new(&self.history, *origin, *steps, commit.clone()).beside(history);
        trace_file::to_text(&about, &self.outcome.run)
    }

    /// Leaves the smallest history, its trace, the report and the page in the folder of the seed, and lets the report say
    /// where.
    ///
    /// # Errors
    /// Something cannot be written.
    pub fn save(&mut self, files: Files<'_>) -> Result<(), Unwritable> {
        let shown = files.output.join(self.report.seed.to_string());
        self.report.file = shown.join(files.history).display().to_string();
        self.report.page = shown.join(PAGE).display().to_string();
        save_history(&self.history, Some(&self.report.property), files)?;
        let folder = folder(files.output, self.report.seed);
        write(folder.join(TRACE), self.trace(files.history))?;
        self.report.trace = shown.join(TRACE).display().to_string();
        write(folder.join(PAGE), page::html(&page::failure(&self.report, &self.outcome.run.trace)))?;
        write(folder.join("report.txt"), plain(&failure(&self.report)))
    }
}

/// Leaves a history in the folder of its seed, with the property that it breaks, if it is known to break one.
///
/// # Errors
/// It cannot be written.
pub fn save_history(history: &History, violates: Option<&str>, files: Files<'_>) -> Result<(), Unwritable> {
    let place = folder(files.output, history.seed).join(files.history);
    let saved = Saved { violates: violates.map(str::to_owned), ..Saved::new(history.clone()) };
    saved.save(&place).map_err(|error| Unwritable { place, reason: error.source.to_string() })
}

fn folder(output: &Path, seed: u64) -> PathBuf {
    workspace::output_folder(&output.join(seed.to_string()))
}

fn write(place: PathBuf, text: String) -> Result<(), Unwritable> {
    fs::write(&place, text).map_err(|error| Unwritable { place, reason: error.to_string() })
}
