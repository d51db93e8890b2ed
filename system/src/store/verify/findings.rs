//! What was read, and what is wrong with it.

use std::collections::BTreeMap;

/// How many problems are told one by one; the rest is only counted.
const TOLD: usize = 100;

/// What a verification found.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Findings {
    counted: BTreeMap<&'static str, Counted>,
    problems: Vec<String>,
}

/// One kind of thing that was read.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Counted {
    /// How many there are.
    pub records: u64,
    /// How many bytes they have, their keys included.
    pub bytes: u64,
    /// How many things are wrong with them.
    pub problems: u64,
}

impl Findings {
    /// What was read, by its name.
    pub fn counted(&self) -> &BTreeMap<&'static str, Counted> {
        &self.counted
    }

    /// The first problems, each with its place.
    pub fn problems(&self) -> &[String] {
        &self.problems
    }

    /// How many problems there are.
    pub fn problem_count(&self) -> u64 {
        self.counted.values().map(|counted| counted.problems).sum()
    }

    /// Whether nothing is wrong.
    pub fn is_whole(&self) -> bool {
        self.problem_count() == 0
    }

    pub(super) fn count(&mut self, what: &'static str, bytes: usize) {
        let counted = self.counted.entry(what).or_default();
        counted.records += 1;
        counted.bytes += bytes as u64;
    }

    pub(super) fn problem(&mut self, what: &'static str, place: &str, problem: &str) {
        self.counted.entry(what).or_default().problems += 1;
        if self.problems.len() < TOLD {
            self.problems.push(format!("{what} {place}: {problem}"));
        }
    }
}
