//! The scoreboard of planted bugs: what found each, how soon, and how small its history became (SIM-7).

use serde::Serialize;

use crate::planted::Find;
use crate::seeds::SeedRange;

/// What became of all planted bugs.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct PlantedReport {
    /// The commit that the seeds are good for.
    pub commit: String,
    /// The seeds of each search.
    pub seeds: SeedRange,
    /// How many runs shrinking took, over all searches that found something; none if none did.
    pub shrink_runs: Option<Spread>,
    /// The bugs.
    pub bugs: Vec<BugReport>,
}

/// What became of one planted bug.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct BugReport {
    /// Its name.
    pub name: String,
    /// What the mistake is.
    pub mistake: String,
    /// The property that must catch it.
    pub expected: String,
    /// The search by each profile.
    pub searches: Vec<SearchReport>,
}

/// One search for a bug.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct SearchReport {
    /// The profile.
    pub profile: String,
    /// What it found, if anything.
    pub found: Option<FindReport>,
}

/// What a search found.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct FindReport {
    /// The first seed that broke a property.
    pub seed: u64,
    /// How many histories were run until then, this one included.
    pub histories: u64,
    /// The properties that it broke, the first of them first.
    pub broken: Vec<String>,
    /// How many steps its history has.
    pub steps: usize,
    /// How many are left in the smallest found.
    pub steps_left: usize,
    /// How many histories shrinking has run.
    pub shrink_runs: u32,
    /// Whether shrinking had tried everything.
    pub finished: bool,
}

/// A middle and an end of some numbers.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct Spread {
    /// Half of them are at most this.
    pub median: u32,
    /// None is more.
    pub most: u32,
}

impl PlantedReport {
    /// The report of all bugs.
    pub fn new(commit: String, seeds: SeedRange, bugs: Vec<BugReport>) -> Self {
        let finds = bugs.iter().flat_map(|bug| &bug.searches).filter_map(|search| search.found.as_ref());
        let shrink_runs = Spread::of(finds.map(|find| find.shrink_runs).collect());
        Self { commit, seeds, shrink_runs, bugs }
    }

    /// The bugs that no search has found.
    pub fn missed(&self) -> impl Iterator<Item = &BugReport> {
        self.bugs.iter().filter(|bug| bug.searches.iter().all(|search| search.found.is_none()))
    }
}

impl FindReport {
    /// What a search of `seeds` found.
    pub fn new(find: &Find, seeds: SeedRange) -> Self {
        Self {
            seed: find.seed,
            histories: find.seed - seeds.at(0) + 1,
            broken: find.broken.clone(),
            steps: find.steps,
            steps_left: find.smallest.steps.len(),
            shrink_runs: find.shrink_runs,
            finished: find.finished,
        }
    }

    /// Whether this property is among those that it broke.
    pub fn has_broken(&self, property: &str) -> bool {
        self.broken.iter().any(|broken| broken == property)
    }
}

impl Spread {
    fn of(mut numbers: Vec<u32>) -> Option<Self> {
        numbers.sort_unstable();
        // An observed number, never one in between.
        let median = *numbers.get(numbers.len().div_ceil(2).checked_sub(1)?)?;
        Some(Self { median, most: *numbers.last()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_median_is_an_observed_number() {
        assert_eq!(Spread::of(vec![]), None);
        assert_eq!(Spread::of(vec![7]), Some(Spread { median: 7, most: 7 }));
        assert_eq!(Spread::of(vec![9, 1, 5, 2]), Some(Spread { median: 2, most: 9 }));
    }
}
