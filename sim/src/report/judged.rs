//! A trace that was kept, judged again without running anything.

use properties::Verdict;
use schemars::JsonSchema;
use serde::Serialize;

use super::Conclusion;
use super::published::Published;
use super::replay::NamedVerdict;
use crate::judge::Judgement;
use crate::trace_file::{About, Kept};

/// A trace and what properties say of it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct JudgeReport {
    /// The end of it.
    pub conclusion: Conclusion,
    /// Of which run the trace is.
    #[serde(flatten)]
    pub about: About,
    /// How many observations it has.
    pub entries: usize,
    /// What each property says that was asked.
    pub verdicts: Vec<NamedVerdict>,
    /// The head of the run's hash chain, as the trace has it.
    pub fingerprint: String,
    /// The trace's file. It is a place on this machine, so it is no part of the data for machines.
    #[serde(skip)]
    pub file: String,
    /// The file of the history, which is such a place too, where it lies beside the trace.
    #[serde(skip)]
    pub history_file: Option<String>,
}

impl Published for JudgeReport {
    const NAME: &'static str = "judge";
    const VERSION: u64 = 1;
    const COMMANDS: &'static [&'static str] = &["cargo sim judge"];
}

impl JudgeReport {
    /// What `judgements` say of a trace in a file.
    pub fn new(kept: Kept, judgements: &[Judgement], file: String, history_file: Option<String>) -> Self {
        Self {
            conclusion: Conclusion::of(judgements),
            about: kept.about,
            entries: kept.trace.entries.len(),
            verdicts: judgements.iter().map(NamedVerdict::of).collect(),
            fingerprint: kept.fingerprint,
            file,
            history_file,
        }
    }

    /// The first property that panicked rather than to judge: then what the others say is no conclusion.
    pub fn panicked(&self) -> Option<&NamedVerdict> {
        self.verdicts.iter().find(|named| matches!(named.verdict, Verdict::Broken { .. }))
    }
}
