//! `cargo sim scenarios`: named scenarios, in the simulation or on a real server.

use std::fs;
use std::path::Path;

use super::Exit;
use super::arguments;
use super::output::Output;
use super::progress;
use super::refusal::Refusal;
use super::run::jobs;
use crate::report::text;
use crate::scenarios::{AgainstError, Catalogue, Place, RealPlace, Selection, run_suite};

/// Runs `cargo sim scenarios`.
///
/// # Errors
/// No scenario is asked for, the server cannot be used, or standard output cannot be written to.
pub fn scenarios(arguments: &arguments::Scenarios, output: &Output) -> Result<Exit, Refusal> {
    let catalogue = Catalogue::load()?;
    let selection =
        Selection { category: arguments.category, priority: arguments.priority, filter: arguments.filter.clone() };
    let count = selection.of(&catalogue).len();
    if count == 0 {
        return Err(Refusal::NoScenario);
    }
    let place = match arguments.against.as_deref() {
        None => Place::Simulation,
        Some("own") => Place::Server(RealPlace::own()?),
        Some(address) => {
            let token = arguments.operator_token_file.as_deref().map(token_of).transpose()?;
            Place::Server(RealPlace::at(address, token)?)
        }
    };
    let bar = progress::bar_of(count as u64, "scenarios");
    let report = run_suite(&catalogue, &selection, &place, jobs(arguments.jobs), |_| bar.inc(1));
    bar.finish_and_clear();
    let report = report.map_err(|source| Refusal::Panicked { what: "the suite of scenarios".to_owned(), source })?;
    output.report(&report, text::scenarios)?;
    Ok(if report.passed() { Exit::Held } else { Exit::Violated })
}

fn token_of(file: &Path) -> Result<String, AgainstError> {
    let read = fs::read_to_string(file).map(|text| text.trim().to_owned());
    read.map_err(|source| AgainstError::TokenFile { file: file.to_owned(), source })
}
