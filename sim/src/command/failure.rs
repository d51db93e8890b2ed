//! A failure that the command found: the history made smaller, with a spinner, and reported on.

use super::progress;
use crate::failure::Failure;
use crate::history::History;
use crate::judge;
use crate::report::Origin;

/// Makes the history smaller that breaks `property`, and reports on what is left of it. `None`: run again, the
/// history breaks nothing, so a run is not a function of its history.
pub fn examine(history: &History, origin: Origin, property: &str) -> Option<Failure> {
    let spinner = progress::spinner(format!("seed {} breaks {property}: searching for less", history.seed));
    let shrunk = judge::shrink(history, property).history;
    let outcome = judge::judge(&shrunk);
    let windows = judge::explain(&shrunk, property);
    spinner.finish_and_clear();
    let mut failure = Failure::new(shrunk, outcome, property, origin, history.steps.len())?;
    failure.report.explain(&windows, &failure.outcome.run.trace);
    Some(failure)
}
