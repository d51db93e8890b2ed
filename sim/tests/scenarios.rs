//! Every scenario as a test of its own, under its own name, in the simulation: `cargo test -p sim --test scenarios auth/`.

use libtest_mimic::{Arguments, Failed, Trial};
use sim::report::text::{plain, scenario_failure};
use sim::scenarios::model::{Scenario, Status};
use sim::scenarios::{Catalogue, Place, run};

fn main() {
    let catalogue = Catalogue::load().unwrap_or_else(|error| panic!("{error}"));
    let trials = catalogue.scenarios().iter().map(|scenario| {
        let scenario = *scenario;
        Trial::test(scenario.id(), move || passes(scenario)).with_ignored_flag(!scenario.is_active())
    });
    let trials = trials.collect();
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

fn passes(scenario: &'static Scenario) -> Result<(), Failed> {
    let (result, _) = run(scenario, &Place::Simulation);
    match result.status() {
        Status::Passed => Ok(()),
        _ => Err(plain(&scenario_failure(&result)).into()),
    }
}
