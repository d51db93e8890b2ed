//! Runs many scenarios, in their fixed order, and adds up what they leave.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use serde::Serialize;

use super::catalogue::Catalogue;
use super::coverage::{Coverage, Exercised};
use super::model::{Category, Priority, Scenario, ScenarioResult, Status};
use super::runner::{Place, run};

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
#[derive(Clone, Debug, Serialize)]
pub struct SuiteReport {
    /// Of each scenario, in their order.
    pub results: Vec<ScenarioResult>,
    /// What of the documents was exercised by all of them together.
    pub coverage: Coverage,
    /// Whether all scenarios were asked for: only then something is missing that is not covered.
    pub is_whole: bool,
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
        failed == 0 && (!self.is_whole || (self.coverage.is_complete() && self.coverage.undocumented.is_empty()))
    }
}

/// Runs the scenarios that are asked for. `told` hears of each as it ends, in their order.
///
/// One after another on a real server. In the simulation each has a world of its own, so that `jobs` of them run side by
/// side, and what is told and returned is the same as if they did not.
pub fn run_suite(
    catalogue: &Catalogue,
    selection: &Selection,
    place: &Place,
    jobs: usize,
    mut told: impl FnMut(&ScenarioResult),
) -> SuiteReport {
    let scenarios = selection.of(catalogue);
    let jobs = if matches!(place, Place::Simulation) { jobs.max(1) } else { 1 };
    let (mut results, mut exercised) = (Vec::with_capacity(scenarios.len()), Exercised::default());
    let mut take = |(result, of_this): (ScenarioResult, Exercised)| {
        told(&result);
        exercised.merge(of_this);
        results.push(result);
    };
    if jobs == 1 {
        scenarios.iter().for_each(|scenario| take(run(scenario, place)));
    } else {
        in_order(&scenarios, jobs, |scenario| run(scenario, place), take);
    }
    SuiteReport { results, coverage: Coverage::of(&exercised), is_whole: selection.is_whole() }
}

/// Does `work` on all items by several threads; `take` gets what comes of it in the items' order.
fn in_order<I: Sync, T: Send>(items: &[I], jobs: usize, work: impl Fn(&I) -> T + Sync, mut take: impl FnMut(T)) {
    let (next, done) = (AtomicUsize::new(0), items.iter().map(|_| Mutex::new(None)).collect::<Vec<_>>());
    let (tell, hear) = std::sync::mpsc::channel();
    thread::scope(|scope| {
        for _ in 0..jobs.min(items.len()) {
            let (tell, next, done, work) = (tell.clone(), &next, &done, &work);
            scope.spawn(move || {
                while let Some((index, item)) =
                    Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|at| Some((at, items.get(at)?)))
                {
                    *done[index].lock().expect("nobody panics with it") = Some(work(item));
                    // Whoever does not hear it any more has panicked, and this thread goes with it.
                    let _ = tell.send(());
                }
            });
        }
        drop(tell);
        let mut taken = 0;
        while hear.recv().is_ok() {
            while let Some(ready) = done.get(taken).and_then(|slot| slot.lock().expect("nobody panics with it").take())
            {
                take(ready);
                taken += 1;
            }
        }
    });
}
