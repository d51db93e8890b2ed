//! How far a campaign is, as it is saved: what was counted, and which seeds are next.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::folder::Identity;
use crate::judge;
use crate::report::summary::Counter;
use crate::seeds::SeedRange;

/// How far a campaign is.
#[derive(Debug, Serialize, Deserialize)]
pub struct Progress {
    /// How many of its shard's seeds were begun.
    pub seeds: u64,
    /// Those of them, by their ordinals, that were begun and not counted: a kill takes them, and they are run again.
    pub under_way: BTreeSet<u64>,
    /// How many mutants were begun.
    pub mutants: u64,
    /// How many histories of others were run: committed ones, and those of a corpus.
    pub known: u64,
    /// How many runs hung, crashed or panicked: no property judged them.
    pub unjudged: u64,
    /// What the others count for.
    pub counter: Counter,
}

impl Progress {
    /// Nothing was run yet.
    pub fn new(identity: &Identity) -> Self {
        let counter = judge::counter(&identity.profile, SeedRange::one(identity.first_seed));
        Self { seeds: 0, under_way: BTreeSet::new(), mutants: 0, known: 0, unjudged: 0, counter }
    }

    /// How many histories were run.
    pub fn runs(&self) -> u64 {
        self.counter.runs() + self.unjudged
    }

    /// The seeds that were begun, or the first if none was: of these a shard has every so many.
    pub fn range(&self, identity: &Identity) -> SeedRange {
        let Identity { shard, first_seed, .. } = identity;
        let last = self.seeds.checked_sub(1).and_then(|ordinal| shard.seed(*first_seed, ordinal));
        SeedRange::between(*first_seed, last.unwrap_or(*first_seed))
    }
}
