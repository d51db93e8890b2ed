//! The mutation score, as data: of the mutants that were run, how many were noticed, and by what.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::published::Published;

/// How many of a hundred mutants must be noticed.
pub const BOUND_PERCENT: u64 = 85;

/// The whole report.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct MutantsReport {
    /// The commit whose server it was.
    pub commit: String,
    /// Which were drawn; none if all were run.
    pub sample: Option<SampleReport>,
    /// What the names of all contain, if that was asked for.
    pub only: Option<String>,
    /// The areas of the core.
    pub areas: Vec<AreaReport>,
    /// How many mutants each property, panic or test noticed first.
    pub noticed_by: BTreeMap<String, u64>,
    /// Those that nothing noticed, and nobody has explained.
    pub survivors: Vec<MutantReport>,
    /// Those that nothing noticed, as somebody has said before.
    pub equivalents: Vec<EquivalentReport>,
    /// Those of which somebody has said so, and which were noticed: by what.
    pub refuted: Vec<EquivalentReport>,
    /// How many there was no time for.
    pub unmeasured: u64,
    /// How long they took, one after another, in milliseconds.
    pub took_ms: u64,
}

impl Published for MutantsReport {
    const NAME: &'static str = "mutants";
    const VERSION: u64 = 1;
    const COMMANDS: &'static [&'static str] = &["cargo sim mutants"];
}

/// How many mutants are listed as equivalent, and still there: all, or there is no report.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct ReviewedReport {
    /// That many.
    pub equivalent: usize,
}

impl Published for ReviewedReport {
    const NAME: &'static str = "mutants-check";
    const VERSION: u64 = 1;
    const COMMANDS: &'static [&'static str] = &["cargo sim mutants --check"];
}

/// A sample.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct SampleReport {
    /// How many were asked for.
    pub size: u64,
    /// What decided which.
    pub seed: u64,
}

/// An area, counted.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, JsonSchema)]
pub struct AreaReport {
    /// Its name.
    pub name: String,
    /// How many mutants there are.
    pub listed: u64,
    /// How many of them do not compile.
    pub unviable: u64,
    /// How many no switch can choose.
    pub not_switchable: u64,
    /// How many are left.
    pub viable: u64,
    /// How many of those were run.
    pub measured: u64,
    /// How many the simulation noticed.
    pub simulation: u64,
    /// How many of the others the server's tests noticed.
    pub tests: u64,
    /// How many nothing noticed since there is nothing to notice.
    pub equivalent: u64,
    /// How many are left.
    pub survived: u64,
}

/// A mutant.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct MutantReport {
    /// Its place and its change.
    pub name: String,
    /// Whether any history or test comes there at all.
    pub reached: bool,
    /// The lines that go and the lines that come.
    pub difference: Vec<String>,
}

/// A mutant of which somebody says that it changes nothing.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct EquivalentReport {
    /// Its place and its change.
    pub name: String,
    /// Why it changes nothing; or what noticed it, where that is refuted.
    pub because: String,
}

impl AreaReport {
    /// An area of which nothing is counted yet.
    pub fn new(name: &str) -> Self {
        Self { name: name.to_owned(), ..Self::default() }
    }

    /// How many were noticed.
    pub fn noticed(&self) -> u64 {
        self.simulation + self.tests
    }

    /// How many could have been noticed.
    pub fn noticeable(&self) -> u64 {
        self.measured - self.equivalent
    }

    /// The score in tenths of a percent: those noticed, of those run that are not listed as equivalent.
    pub fn score_permille(&self) -> Option<u64> {
        (self.noticed() * 1_000).checked_div(self.noticeable())
    }
}

impl MutantsReport {
    /// All areas together.
    pub fn total(&self) -> AreaReport {
        let sum = |count: fn(&AreaReport) -> u64| self.areas.iter().map(count).sum();
        AreaReport {
            name: "all".to_owned(),
            listed: sum(|area| area.listed),
            unviable: sum(|area| area.unviable),
            not_switchable: sum(|area| area.not_switchable),
            viable: sum(|area| area.viable),
            measured: sum(|area| area.measured),
            simulation: sum(|area| area.simulation),
            tests: sum(|area| area.tests),
            equivalent: sum(|area| area.equivalent),
            survived: sum(|area| area.survived),
        }
    }

    /// Whether enough was noticed, and nothing that was said of any mutant is wrong.
    pub fn is_good(&self) -> bool {
        let enough = |score| score >= BOUND_PERCENT * 10;
        self.total().score_permille().is_none_or(enough) && self.refuted.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(areas: Vec<AreaReport>) -> MutantsReport {
        MutantsReport {
            commit: "abc".into(),
            sample: None,
            only: None,
            areas,
            noticed_by: BTreeMap::new(),
            survivors: Vec::new(),
            equivalents: Vec::new(),
            refuted: Vec::new(),
            unmeasured: 0,
            took_ms: 0,
        }
    }

    fn area(measured: u64, simulation: u64, tests: u64, equivalent: u64) -> AreaReport {
        let survived = measured - simulation - tests - equivalent;
        AreaReport { measured, simulation, tests, equivalent, survived, ..AreaReport::new("store") }
    }

    #[test]
    fn the_score_is_of_what_could_be_noticed() {
        assert_eq!(area(100, 60, 20, 0).score_permille(), Some(800));
        assert_eq!(area(100, 60, 20, 20).score_permille(), Some(1_000));
        assert_eq!(area(3, 2, 0, 0).score_permille(), Some(666));
        assert_eq!(area(2, 0, 0, 2).score_permille(), None);
    }

    #[test]
    fn areas_are_judged_together_and_a_wrong_word_about_one_mutant_is_bad() {
        let mut report = report(vec![area(50, 50, 0, 0), area(50, 30, 5, 0)]);
        assert_eq!(report.total().score_permille(), Some(850));
        assert!(report.is_good());
        report.areas[1].tests = 4;
        assert!(!report.is_good());
        report.areas[1].tests = 5;
        report.refuted.push(EquivalentReport { name: "a".into(), because: "b".into() });
        assert!(!report.is_good());
    }
}
