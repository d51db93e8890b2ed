//! What came of a search for the worst recovery: where it began, how it grew, and how to see the worst again.

use schemars::JsonSchema;
use serde::Serialize;

use super::published::Published;
use super::{Conclusion, FailureReport};
use crate::recovery::Recovery;
use crate::report::recovery::RunName;
use crate::seeds::SeedRange;

/// All that a search for the worst recovery has to say.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct WorstReport {
    /// The end of it: violated if any history broke a property, vacuous if nobody had to recover.
    pub conclusion: Conclusion,
    /// The profile.
    pub profile: String,
    /// The seeds that it began with.
    pub seeds: SeedRange,
    /// How many histories were changed ones.
    pub runs: u64,
    /// The worst, step by step: first that of the seeds.
    pub steps: Vec<WorstStep>,
    /// The worst found; absent if nobody had to recover.
    pub worst: Option<WorstRecovery>,
    /// What was broken on the way: the search ends at it.
    pub failures: Vec<FailureReport>,
}

impl Published for WorstReport {
    const NAME: &'static str = "worst";
    const VERSION: u64 = 1;
    const COMMANDS: &'static [&'static str] = &["cargo sim run --worst"];
}

/// A recovery that took longer than all before it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct WorstStep {
    /// The seed that the search began with; none for a changed history.
    pub seed: Option<RunName>,
    /// Which of the changed histories, from 1; 0 for the one that the search began with.
    pub run: u64,
    /// How long it took, in simulated milliseconds.
    pub after_ms: u64,
}

/// The worst recovery, and its history.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct WorstRecovery {
    /// Whose: `user/device`.
    pub device: String,
    /// How long it took from the heal, in simulated milliseconds.
    pub after_ms: u64,
    /// The kinds of faults that it recovered from.
    pub from: Vec<&'static str>,
    /// How many steps its history has.
    pub history_steps: usize,
    /// How many of them are faults.
    pub faults: usize,
    /// The file to replay. It is a place on this machine, so it is no part of the data for machines.
    #[serde(skip)]
    pub file: String,
}

/// The recovery after the heal that took longest; of equal ones the first.
pub fn longest(recoveries: &[Recovery]) -> Option<&Recovery> {
    let after_heal = recoveries.iter().filter(|recovery| recovery.is_after_heal);
    after_heal.reduce(|longest, next| if next.after_ms > longest.after_ms { next } else { longest })
}
