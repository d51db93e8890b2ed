//! The scoreboard of planted bugs: what found each, how soon, and how small its history became (SIM-7).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::published::Published;

/// What became of all planted bugs.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct PlantedReport {
    /// The commit that the seeds are good for.
    pub commit: String,
    /// How many ranges of seeds were searched in each way.
    pub ranges: u64,
    /// How many histories each search ran at most.
    pub most: u64,
    /// The bugs.
    pub bugs: Vec<BugReport>,
    /// Those that were not measured.
    pub unmeasured: Vec<String>,
}

impl Published for PlantedReport {
    const NAME: &'static str = "planted";
    const VERSION: u64 = 1;
    const COMMANDS: &'static [&'static str] = &["cargo sim planted"];
}

/// The bugs that apply: all, or there is no report.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct AppliedReport {
    /// Their names.
    pub applied: Vec<String>,
}

impl Published for AppliedReport {
    const NAME: &'static str = "planted-check";
    const VERSION: u64 = 1;
    const COMMANDS: &'static [&'static str] = &["cargo sim planted --check"];
}

/// What became of one planted bug.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct BugReport {
    /// Its name.
    pub name: String,
    /// What the mistake is.
    pub mistake: String,
    /// The property that must catch it.
    pub expected: String,
    /// The searches, by way.
    pub searches: Vec<SearchReport>,
    /// One find, made smaller.
    pub shrunk: Option<ShrunkReport>,
}

/// The searches for a bug in one way.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct SearchReport {
    /// The profile.
    pub profile: String,
    /// Whether half of the histories were mutants of those that reached something new.
    pub guided: bool,
    /// Each range of seeds.
    pub ranges: Vec<RangeReport>,
}

/// One search.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct RangeReport {
    /// Its first seed.
    pub first_seed: u64,
    /// How many histories were run, what was found included.
    pub histories: u64,
    /// How long one core worked on them, in milliseconds.
    pub took_ms: u64,
    /// The properties that what was found breaks, the first of them first; none where nothing was found.
    pub broken: Option<Vec<String>>,
}

/// One find, made smaller.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ShrunkReport {
    /// The profile that it was drawn from.
    pub profile: String,
    /// Whether the search was guided.
    pub guided: bool,
    /// Its seed; none of a mutant.
    pub seed: Option<u64>,
    /// The property that was kept broken.
    pub property: String,
    /// How many steps its history had.
    pub steps: usize,
    /// How many are left.
    pub steps_left: usize,
    /// How many histories shrinking has run.
    pub runs: u32,
    /// Whether shrinking had tried everything.
    pub finished: bool,
}

/// What several searches took: their middle, and how far they lie apart.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct Spread {
    /// Half of them took at most this; none if half of them found nothing.
    pub median: Option<u64>,
    /// The one that took least; none if none found anything.
    pub least: Option<u64>,
    /// The one that took most; none if some found nothing.
    pub most: Option<u64>,
}

/// What one way of searching is worth, over all bugs.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Worth {
    /// Its name.
    pub way: String,
    /// How many bugs some range of it has found.
    pub found: usize,
    /// The histories that the bugs took, each by the median of its ranges.
    pub histories: Spread,
}

impl PlantedReport {
    /// The bugs that no search has found.
    pub fn missed(&self) -> impl Iterator<Item = &BugReport> {
        self.bugs.iter().filter(|bug| bug.searches.iter().all(|search| !search.has_found()))
    }

    /// What each way is worth; and last, what the best of them is for each bug.
    pub fn worth(&self) -> Vec<Worth> {
        let ways = self.bugs.first().map_or(0, |bug| bug.searches.len());
        let of_way = |way: usize| {
            let searches: Vec<&SearchReport> = self.bugs.iter().filter_map(|bug| bug.searches.get(way)).collect();
            Worth {
                way: searches.first().map(|search| search.way()).unwrap_or_default(),
                found: searches.iter().filter(|search| search.has_found()).count(),
                histories: Spread::of(searches.iter().map(|search| search.histories().median).collect()),
            }
        };
        let best = Worth {
            way: "the best of them".to_owned(),
            found: self.bugs.len() - self.missed().count(),
            histories: Spread::of(self.bugs.iter().map(|bug| bug.best()?.histories().median).collect()),
        };
        (0..ways).map(of_way).chain([best]).collect()
    }

    /// How many runs it took to make finds small, over all of them; none if there was none.
    pub fn shrink_runs(&self) -> Option<Spread> {
        let runs: Vec<_> = self.bugs.iter().filter_map(|bug| Some(Some(bug.shrunk.as_ref()?.runs.into()))).collect();
        (!runs.is_empty()).then(|| Spread::of(runs))
    }

    /// How long all searches took, as one core worked on them, in milliseconds.
    pub fn took_ms(&self) -> u64 {
        let ranges = self.bugs.iter().flat_map(|bug| &bug.searches).flat_map(|search| &search.ranges);
        ranges.map(|range| range.took_ms).sum()
    }
}

impl BugReport {
    /// The search that takes the fewest histories, by the median of its ranges.
    pub fn best(&self) -> Option<&SearchReport> {
        self.searches.iter().min_by_key(|search| search.histories().median.unwrap_or(u64::MAX))
    }

    /// The properties that caught it, each as the first that a find broke: the most frequent first.
    pub fn caught_by(&self) -> Vec<&str> {
        let ranges = self.searches.iter().flat_map(|search| &search.ranges);
        let caught = ranges.filter_map(|range| range.broken.as_ref()?.first());
        let mut counts = std::collections::BTreeMap::<&str, usize>::new();
        caught.for_each(|property| *counts.entry(property).or_default() += 1);
        let mut counts: Vec<_> = counts.into_iter().collect();
        // Stable: of equals the first by name.
        counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        counts.into_iter().map(|(property, _)| property).collect()
    }

    /// Whether the property that must catch it is among those that some find broke.
    pub fn has_broken_expected(&self) -> bool {
        let ranges = self.searches.iter().flat_map(|search| &search.ranges);
        ranges.filter_map(|range| range.broken.as_ref()).flatten().any(|broken| *broken == self.expected)
    }
}

impl SearchReport {
    /// What the way is called.
    pub fn way(&self) -> String {
        if self.guided { format!("{}, guided", self.profile) } else { self.profile.clone() }
    }

    /// Whether any range has found something.
    pub fn has_found(&self) -> bool {
        self.ranges.iter().any(|range| range.broken.is_some())
    }

    /// How many histories were run until something was found.
    pub fn histories(&self) -> Spread {
        Spread::of(self.ranges.iter().map(|range| range.broken.as_ref().map(|_| range.histories)).collect())
    }

    /// How many milliseconds one core worked until something was found.
    pub fn took_ms(&self) -> Spread {
        Spread::of(self.ranges.iter().map(|range| range.broken.as_ref().map(|_| range.took_ms)).collect())
    }

    /// How many histories the longest range has run in vain.
    pub fn in_vain(&self) -> u64 {
        let vain = self.ranges.iter().filter(|range| range.broken.is_none());
        vain.map(|range| range.histories).max().unwrap_or(0)
    }
}

impl Spread {
    /// Of what some took; none who found nothing took longer than anybody.
    fn of(mut numbers: Vec<Option<u64>>) -> Self {
        numbers.sort_unstable_by_key(|number| number.unwrap_or(u64::MAX));
        // An observed number, never one in between.
        let median = numbers.len().div_ceil(2).checked_sub(1).and_then(|middle| numbers[middle]);
        let (least, most) = (numbers.first().copied().flatten(), numbers.last().copied().flatten());
        Self { median, least, most }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn search(profile: &str, guided: bool, histories: &[Option<u64>]) -> SearchReport {
        let range = |(range, found): (u64, &Option<u64>)| RangeReport {
            first_seed: range * 10,
            histories: found.unwrap_or(40),
            took_ms: 100,
            broken: found.map(|_| vec!["a/b".to_owned()]),
        };
        SearchReport { profile: profile.into(), guided, ranges: (0..).zip(histories).map(range).collect() }
    }

    fn bug(searches: Vec<SearchReport>) -> BugReport {
        let [name, mistake, expected] = ["bug", "A bug.", "a/b"].map(str::to_owned);
        BugReport { name, mistake, expected, searches, shrunk: None }
    }

    #[test]
    fn a_median_is_an_observed_number_and_who_finds_nothing_is_slowest() {
        let spread = |numbers: &[Option<u64>]| {
            let Spread { median, least, most } = Spread::of(numbers.to_vec());
            (median, least, most)
        };
        assert_eq!(spread(&[]), (None, None, None));
        assert_eq!(spread(&[Some(7)]), (Some(7), Some(7), Some(7)));
        assert_eq!(spread(&[Some(9), Some(1), Some(5), Some(2)]), (Some(2), Some(1), Some(9)));
        assert_eq!(spread(&[Some(9), None, Some(5)]), (Some(9), Some(5), None));
        assert_eq!(spread(&[None, None, Some(5)]), (None, Some(5), None));
    }

    #[test]
    fn the_worth_of_a_way_counts_bugs_that_it_did_not_find() {
        let report = PlantedReport {
            commit: "abc".into(),
            ranges: 3,
            most: 40,
            bugs: vec![
                bug(vec![
                    search("standard", false, &[Some(3), Some(5), None]),
                    search("swarm", true, &[Some(1), Some(1), Some(2)]),
                ]),
                bug(vec![
                    search("standard", false, &[None, None, Some(30)]),
                    search("swarm", true, &[None, None, None]),
                ]),
                bug(vec![search("standard", false, &[None, None, None]), search("swarm", true, &[None, None, None])]),
            ],
            unmeasured: Vec::new(),
        };
        let worth = report.worth();
        let said: Vec<_> = worth.iter().map(|worth| (worth.way.as_str(), worth.found, worth.histories.least)).collect();
        assert_eq!(said, [("standard", 2, Some(5)), ("swarm, guided", 1, Some(1)), ("the best of them", 2, Some(1))]);
        assert!(worth.iter().all(|worth| worth.histories.most.is_none()), "a bug was found by nothing");
        assert_eq!(report.missed().count(), 1);
        assert_eq!(report.took_ms(), 1_800);
        assert_eq!(report.bugs[1].searches[0].in_vain(), 40);
        assert!(report.bugs[0].has_broken_expected() && !report.bugs[2].has_broken_expected());
    }
}
