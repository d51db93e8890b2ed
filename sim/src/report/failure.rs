//! One failure: the broken property, the shortest proof, and how to see it again (SIM-4, IT-10).

use std::path::Path;

use properties::Violation;
use properties::trace::{At, Entry, Observation, Phase, Trace};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::published::Published;
use crate::explain::Window;
use crate::failure::{PAGE, TRACE};
use crate::judge::{Judgement, Outcome};
use properties::Verdict;

/// A broken property, in the smallest history found that still breaks it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct FailureReport {
    /// The property.
    pub property: String,
    /// The requirements that it proves.
    pub requirements: Vec<String>,
    /// Where the history came from.
    pub origin: Origin,
    /// The seed of the history's weather.
    pub seed: u64,
    /// The profile that it was drawn from.
    pub profile: String,
    /// How many steps the history had.
    pub steps: usize,
    /// How many it has now.
    pub steps_left: usize,
    /// What was expected, what was observed, and the proof.
    #[serde(flatten)]
    pub violation: Violation,
    /// When each fault must begin for the property to break, where that was found.
    pub windows: Vec<FaultWindow>,
    /// Other properties that the smallest history breaks too.
    pub also_broken: Vec<String>,
    /// The commit that a seed is good for.
    pub commit: String,
    /// The file to replay. It is a place on this machine, so it is no part of the data for machines.
    #[serde(skip)]
    pub file: String,
    /// The file of its trace, which is such a place too; empty where there is none.
    #[serde(skip)]
    pub trace: String,
    /// The page to look at, which is such a place too; empty where there is none.
    #[serde(skip)]
    pub page: String,
}

impl Published for FailureReport {
    const NAME: &'static str = "failure";
    const VERSION: u64 = 1;
    const COMMANDS: &'static [&'static str] = &["cargo sim shrink"];
}

/// Between which times a fault must begin for the property to break.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct FaultWindow {
    /// The fault's kind.
    pub kind: String,
    /// The earliest time.
    pub from: At,
    /// The latest time.
    pub to: At,
    /// Whether there is any time at which it would not break.
    pub is_bounded: bool,
}

/// Where a history came from.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// Drawn from the seed: the seed makes it again, at the same commit.
    Seed,
    /// Read from a file: the seed alone would make another.
    File,
}

/// The histories that a failure is about, before and after the search for a smaller one.
#[derive(Clone, Copy, Debug)]
pub struct Sizes {
    /// How many steps there were.
    pub steps: usize,
    /// How many are left.
    pub steps_left: usize,
}

impl FailureReport {
    /// What the judged run of a history says about `judgement`; nothing if that is no violation.
    pub fn new(
        judgement: &Judgement,
        outcome: &Outcome,
        history: &crate::history::History,
        origin: Origin,
        sizes: Sizes,
    ) -> Option<Self> {
        let Verdict::Violated(violation) = &judgement.verdict else { return None };
        let others = outcome.violated().filter(|other| other.id != judgement.id);
        Some(Self {
            property: judgement.id.to_owned(),
            requirements: judgement.requirements.iter().map(|id| (*id).to_owned()).collect(),
            origin,
            seed: history.seed,
            profile: history.profile.clone(),
            steps: sizes.steps,
            steps_left: sizes.steps_left,
            violation: violation.clone(),
            windows: Vec::new(),
            also_broken: others.map(|other| other.id.to_owned()).collect(),
            commit: String::new(),
            file: String::new(),
            trace: String::new(),
            page: String::new(),
        })
    }

    /// It lies in `folder`, under the names that all failures have there; of the trace and the page, those that it has.
    pub fn lies_in(&mut self, folder: &Path, has: impl Fn(&str) -> bool) {
        let place = |name: &str| folder.join(name).display().to_string();
        let if_there = |name: &str| if has(name) { place(name) } else { String::new() };
        (self.file, self.trace, self.page) = (place("history.json"), if_there(TRACE), if_there(PAGE));
    }

    /// Adds when each fault must begin: `windows` count from the storm's begin, a report counts from the run's.
    pub fn explain(&mut self, windows: &[Window], trace: &Trace) {
        let storm = |entry: &&Entry| matches!(entry.what, Observation::Phase { phase: Phase::Storm });
        let begin = trace.entries.iter().find(storm).map_or(At(0), |entry| entry.at);
        let at = |since_ms: u64| At(begin.0 + since_ms * 1_000);
        let window = |window: &Window| FaultWindow {
            kind: window.kind.to_owned(),
            from: at(window.from_ms),
            to: at(window.to_ms),
            is_bounded: window.is_bounded,
        };
        self.windows = windows.iter().map(window).collect();
    }
}
