//! A replayed run: its story, told by [`properties::telling`], and its verdicts.

use properties::Verdict;
use properties::telling::{Line, Scope, tell};
use schemars::JsonSchema;
use serde::Serialize;

use super::published::Published;
use crate::history::History;
use crate::judge::{self, Judgement, Outcome};

/// A replayed run: its story and its verdicts.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct ReplayReport {
    /// The seed of the history's weather.
    pub seed: u64,
    /// The profile that the history was drawn from.
    pub profile: String,
    /// How many steps the history has.
    pub steps: usize,
    /// What happened, by order of observation.
    pub story: Vec<Line>,
    /// What each property says.
    pub verdicts: Vec<NamedVerdict>,
    /// The head of the run's hash chain.
    pub fingerprint: String,
    /// How the reader named it: a seed, or a file on this machine, and so no part of the data for machines.
    #[serde(skip)]
    pub subject: String,
    /// The file that the trace was written to, which is such a place too.
    #[serde(skip)]
    pub trace: Option<String>,
    /// The page that was asked for, if one was: such a place too.
    #[serde(skip)]
    pub page: String,
}

impl Published for ReplayReport {
    const NAME: &'static str = "replay";
    const VERSION: u64 = 1;
    const COMMANDS: &'static [&'static str] = &["cargo sim replay"];
}

/// What one property says.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct NamedVerdict {
    /// The property.
    pub property: String,
    /// The requirements that it proves.
    pub requirements: Vec<String>,
    /// What it says.
    #[serde(flatten)]
    pub verdict: Verdict,
}

impl ReplayReport {
    /// Tells as much of a run as `scope` says.
    pub fn new(history: &History, outcome: &Outcome, scope: Scope, subject: String) -> Self {
        Self {
            seed: history.seed,
            profile: history.profile.clone(),
            steps: history.steps.len(),
            story: tell(&outcome.run.trace, scope),
            verdicts: outcome.judgements.iter().map(NamedVerdict::of).collect(),
            fingerprint: judge::hex(outcome.run.fingerprint),
            subject,
            trace: None,
            page: String::new(),
        }
    }
}

impl NamedVerdict {
    /// A judgement, as data.
    pub fn of(judgement: &Judgement) -> Self {
        Self {
            property: judgement.id.to_owned(),
            requirements: judgement.requirements.iter().map(|id| (*id).to_owned()).collect(),
            verdict: judgement.verdict.clone(),
        }
    }
}
