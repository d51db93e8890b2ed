//! One search for a bug: histories of a profile one after another, plain or guided, until one breaks a property.
//!
//! Which history comes next depends on nothing but those before it: a search finds the same at any time, on any machine.

use std::panic::{AssertUnwindSafe, catch_unwind};

use serde::{Deserialize, Serialize};

use super::PlantedError;
use crate::campaign::Panicked;
use crate::fuzz::corpus::{Corpus, Entry};
use crate::fuzz::{coverage, guide};
use crate::history::{History, Profile};
use crate::judge::{self, Outcome, UnknownProfile};
use crate::keyed::Key;

/// What is searched.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Search {
    /// From which profile histories are drawn.
    pub profile: String,
    /// Whether half of them are mutants of those that reached something new, as in a campaign; otherwise all are fresh.
    pub guided: bool,
    /// The first seed.
    pub first_seed: u64,
    /// How many histories are run at most.
    pub most: u64,
    /// What the first so many break is no find: it breaks without the bug too.
    pub after: u64,
}

/// What became of a search.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Searched {
    /// How many histories were run.
    pub histories: u64,
    /// How long that took, as one core worked on it, in milliseconds.
    pub took_ms: u64,
    /// What was found.
    pub find: Option<Find>,
}

/// A history that breaks a property.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Find {
    /// Its seed; none where it was made of others.
    pub seed: Option<u64>,
    /// The properties that it breaks, in the order of the catalogue.
    pub broken: Vec<String>,
    /// The history.
    pub history: History,
}

/// A search that is under way.
#[derive(Debug)]
pub(super) struct Prowl {
    search: Search,
    profile: Profile,
    seeds: u64,
    mutants: u64,
    corpus: Corpus,
}

impl Prowl {
    /// Begins.
    ///
    /// # Errors
    /// There is no such profile.
    pub(super) fn new(search: Search) -> Result<Self, UnknownProfile> {
        let profile = Profile::named(&search.profile)?;
        Ok(Self { search, profile, seeds: 0, mutants: 0, corpus: Corpus::default() })
    }

    /// How many histories were run.
    pub(super) fn histories(&self) -> u64 {
        self.seeds + self.mutants
    }

    /// Whether no further history may be run.
    pub(super) fn is_over(&self) -> bool {
        self.histories() >= self.search.most
    }

    /// Runs the next history.
    ///
    /// # Errors
    /// Our own code or a property panicked.
    pub(super) fn step(&mut self) -> Result<Option<Find>, PlantedError> {
        let (seed, history) = self.next();
        let what = || match seed {
            Some(seed) => format!("seed {seed} of {}", self.search.profile),
            None => format!("a mutant of {} from seed {} on", self.search.profile, self.search.first_seed),
        };
        let outcome = catch_unwind(AssertUnwindSafe(|| judge::judge(&history)))
            .map_err(|payload| PlantedError::Panicked { what: what(), source: Panicked::new(payload.as_ref()) })?;
        if let Some((property, panic)) = outcome.panicked() {
            let panic = panic.lines().next().unwrap_or_default().to_owned();
            return Err(PlantedError::PropertyPanicked { what: what(), property: property.to_owned(), panic });
        }
        let broken: Vec<String> = outcome.violated().map(|judgement| judgement.id.to_owned()).collect();
        if broken.is_empty() {
            self.learn(history, &outcome);
            return Ok(None);
        }
        Ok((self.histories() > self.search.after).then_some(Find { seed, broken, history }))
    }

    fn next(&mut self) -> (Option<u64>, History) {
        if self.search.guided {
            let key = Key::new(self.search.first_seed).with("planted").with(self.seeds).with(self.mutants);
            if let Some(mutant) = guide::mutant(&self.corpus.entries, &self.profile, key) {
                self.mutants += 1;
                return (None, mutant);
            }
        }
        let seed = self.search.first_seed.saturating_add(self.seeds);
        self.seeds += 1;
        (Some(seed), History::from_seed(seed, &self.profile))
    }

    /// A history that broke nothing is worth changing if it reached something new.
    fn learn(&mut self, history: History, outcome: &Outcome) {
        if self.search.guided {
            let keys = coverage::keys(&history, outcome);
            if !keys.is_subset(&self.corpus.seen) {
                self.corpus.admit(Entry::new(history, keys));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prowl(profile: &str, guided: bool, most: u64) -> Prowl {
        Prowl::new(Search { profile: profile.to_owned(), guided, first_seed: 7, most, after: 0 }).unwrap()
    }

    #[test]
    fn a_server_without_a_bug_is_searched_in_vain() {
        let mut prowl = prowl("calm", false, 3);
        while !prowl.is_over() {
            assert_eq!(prowl.step().unwrap(), None);
        }
        assert_eq!((prowl.seeds, prowl.mutants), (3, 0));
    }

    #[test]
    fn a_guided_search_changes_what_reached_something_and_does_it_again_the_same_way() {
        let drawn = || {
            let mut prowl = prowl("swarm", true, 6);
            let mut drawn = Vec::new();
            while !prowl.is_over() {
                let (seed, history) = prowl.next();
                prowl.learn(history.clone(), &judge::judge(&history));
                drawn.push((seed, history));
            }
            drawn
        };
        let first = drawn();
        assert_eq!(first[0].0, Some(7), "without a corpus a seed is all that there is");
        assert!(first.iter().any(|(seed, _)| seed.is_none()), "a mutant is among the first six");
        assert_eq!(first, drawn());
    }
}
