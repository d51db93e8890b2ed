//! What a campaign by coverage has to say: what happened, what it reached, and each different failure once.

use std::collections::BTreeSet;
use std::path::Path;

use schemars::JsonSchema;
use serde::Serialize;

use super::published::Published;
use super::{Conclusion, FailureReport, Summary};
use crate::fuzz::corpus::Corpus;
use crate::fuzz::failures::{Failures, Record};
use crate::fuzz::folder::Identity;
use crate::fuzz::progress::Progress;
use crate::fuzz::shard::Shard;

/// All that a campaign by coverage has to say, or that several have together.
#[derive(Clone, PartialEq, Debug, Serialize, JsonSchema)]
pub struct FuzzReport {
    /// The end of it.
    pub conclusion: Conclusion,
    /// The campaigns.
    pub shards: Vec<ShardReport>,
    /// How many fresh seeds were begun.
    pub seeds: u64,
    /// How many mutants were run.
    pub mutants: u64,
    /// How many histories of others were run: committed ones, and those of a corpus.
    pub known: u64,
    /// How many runs hung, crashed or panicked.
    pub unjudged: u64,
    /// How many keys of behaviour were reached.
    pub keys: usize,
    /// How many histories reach them.
    pub corpus: usize,
    /// What happened and what did not.
    pub summary: Summary,
    /// Each different failure.
    pub failures: Vec<FuzzFailure>,
    /// How many failing histories are kept as they were found, because enough like them were made small.
    pub kept: usize,
    /// The folder. It is a place on this machine, so it is no part of the data for machines.
    #[serde(skip)]
    pub folder: String,
}

impl Published for FuzzReport {
    const NAME: &'static str = "fuzz";
    const VERSION: u64 = 1;
    const COMMANDS: &'static [&'static str] = &["cargo sim fuzz", "cargo sim merge"];
}

/// One of the campaigns.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct ShardReport {
    /// Its identity.
    pub id: String,
    /// The profile of its seeds.
    pub profile: String,
    /// Its part of the seeds.
    pub shard: Shard,
    /// The seed that shards count from.
    pub first_seed: u64,
    /// How many histories it ran.
    pub runs: u64,
}

/// One failure.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct FuzzFailure {
    /// How many histories came down to it.
    pub histories: usize,
    /// The smallest of them.
    #[serde(flatten)]
    pub report: FailureReport,
}

impl FuzzReport {
    /// What these campaigns have found and reached together.
    ///
    /// # Panics
    /// There is none.
    pub fn new(campaigns: &[(&Identity, &Progress)], failures: &Failures, corpus: &Corpus, folder: &Path) -> Self {
        let sum = |of: fn(&Progress) -> u64| campaigns.iter().map(|(_, progress)| of(progress)).sum();
        let (first, rest) = campaigns.split_first().expect("a report is of a campaign");
        let mut counter = first.1.counter.clone();
        rest.iter().for_each(|(_, progress)| counter.merge(progress.counter.clone()));
        let mut summary = counter.finish();
        // Runs side by side have no order.
        summary.fingerprint.clear();
        let ranges = campaigns.iter().map(|(identity, progress)| progress.range(identity));
        summary.seeds = ranges.reduce(|one, other| one.joined(other)).unwrap_or(summary.seeds);
        let profiles: BTreeSet<&str> = campaigns.iter().map(|(identity, _)| identity.profile.as_str()).collect();
        summary.profile = profiles.into_iter().collect::<Vec<_>>().join(", ");
        let shard = |&(identity, progress): &(&Identity, &Progress)| ShardReport {
            id: identity.id.clone(),
            profile: identity.profile.clone(),
            shard: identity.shard,
            first_seed: identity.first_seed,
            runs: progress.runs(),
        };
        Self {
            conclusion: if failures.is_empty() { summary.conclusion() } else { Conclusion::Violated },
            shards: campaigns.iter().map(shard).collect(),
            seeds: sum(|progress| progress.seeds),
            mutants: sum(|progress| progress.mutants),
            known: sum(|progress| progress.known),
            unjudged: sum(|progress| progress.unjudged),
            keys: corpus.seen.len(),
            corpus: corpus.entries.len(),
            summary,
            failures: failures.records.values().map(FuzzFailure::new).collect(),
            kept: failures.kept.len(),
            folder: folder.display().to_string(),
        }
    }

    /// How many histories were run.
    pub fn runs(&self) -> u64 {
        self.summary.runs + self.unjudged
    }
}

impl FuzzFailure {
    fn new(record: &Record) -> Self {
        Self { histories: record.found.len(), report: record.report.clone() }
    }
}
