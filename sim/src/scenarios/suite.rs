//! Runs many scenarios, in their fixed order, and adds up what they leave.

use std::num::NonZeroUsize;
use std::ops::ControlFlow;

use schemars::JsonSchema;
use serde::Serialize;

use super::catalogue::Catalogue;
use super::coverage::{Coverage, Exercised};
use super::model::{Category, Priority, Scenario, ScenarioResult, Status};
use super::runner::{Place, run};
use crate::campaign::{self, Panicked};
use crate::report::Published;

/// Which scenarios are run.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Only those of this category.
    pub category: Option<Category>,
    /// Only those of this priority.
    pub priority: Option<Priority>,
    /// Only those whose id or name has this in it.
    pub filter: Option<String>,
}

/// What the run of a suite leaves.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct SuiteReport {
    /// Where they ran: `simulation`, `server` or `own server`.
    pub place: &'static str,
    /// Of each scenario, in their order.
    pub results: Vec<ScenarioResult>,
    /// What of the documents was exercised by all of them together.
    pub coverage: Coverage,
    /// Whether all scenarios were asked for, in the simulation, where all of them run: only then something is missing that
    /// is not covered.
    pub is_whole: bool,
}

impl Published for SuiteReport {
    const NAME: &'static str = "scenarios";
    const VERSION: u64 = 1;
    const COMMANDS: &'static [&'static str] = &["cargo sim scenarios"];
}

impl Selection {
    /// Whether all scenarios are asked for.
    pub fn is_whole(&self) -> bool {
        self.category.is_none() && self.priority.is_none() && self.filter.is_none()
    }

    /// The scenarios that are asked for, in their order.
    pub fn of(&self, catalogue: &Catalogue) -> Vec<&'static Scenario> {
        let has = |scenario: &Scenario| {
            self.category.is_none_or(|category| scenario.category() == category)
                && self.priority.is_none_or(|priority| scenario.priority() == priority)
                && self
                    .filter
                    .as_ref()
                    .is_none_or(|text| scenario.id().contains(text) || scenario.name().contains(text))
        };
        catalogue.scenarios().iter().copied().filter(|scenario| has(scenario)).collect()
    }
}

impl SuiteReport {
    /// How many have this status.
    pub fn count(&self, status: Status) -> usize {
        self.results.iter().filter(|result| result.status() == status).count()
    }

    /// Whether nothing failed, and nothing that was asked for is missing.
    pub fn passed(&self) -> bool {
        let failed = self.count(Status::Failed) + self.count(Status::Error);
        failed == 0 && self.coverage.undocumented.is_empty() && self.missing() == 0
    }

    /// How much of what the documents promise is missing, where all of it is asked for.
    pub fn missing(&self) -> usize {
        if self.is_whole { self.coverage.rows.iter().map(|row| row.missing.len()).sum() } else { 0 }
    }
}

/// Runs the scenarios that are asked for. `told` hears of each as it ends, in their order.
///
/// One after another on a real server. In the simulation each has a world of its own, so that `jobs` of them run side by
/// side, and what is told and returned is the same as if they did not.
///
/// # Errors
/// The runner itself panicked: no scenario is to blame.
pub fn run_suite(
    catalogue: &Catalogue,
    selection: &Selection,
    place: &Place,
    jobs: NonZeroUsize,
    mut told: impl FnMut(&ScenarioResult),
) -> Result<SuiteReport, Panicked> {
    let scenarios = selection.of(catalogue);
    let jobs = if matches!(place, Place::Simulation) { jobs } else { NonZeroUsize::MIN };
    let (mut results, mut exercised, mut own) = (Vec::with_capacity(scenarios.len()), Exercised::default(), None);
    let work = |index| {
        let index = usize::try_from(index).expect("as many as there are scenarios");
        run(scenarios[index], place)
    };
    campaign::in_order(scenarios.len() as u64, jobs, work, |_, ran| match ran {
        Ok((result, of_this)) => {
            told(&result);
            exercised.merge(of_this);
            results.push(result);
            ControlFlow::Continue(())
        }
        Err(panicked) => {
            own = Some(panicked);
            ControlFlow::Break(())
        }
    });
    match own {
        Some(panicked) => Err(panicked),
        None => {
            let is_whole = selection.is_whole() && matches!(place, Place::Simulation);
            Ok(SuiteReport { place: place.name(), results, coverage: Coverage::of(&exercised), is_whole })
        }
    }
}
