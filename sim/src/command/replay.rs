//! `cargo sim replay`: one history again, told step by step, then judged.

use properties::telling::Scope;

use super::Exit;
use super::arguments;
use super::output::Output;
use super::page_place::PagePlace;
use super::refusal::Refusal;
use super::subject::{self, Subject};
use crate::report::{ReplayReport, page, text};
use crate::trace_file::{self, About};
use crate::workspace;

/// Runs `cargo sim replay`.
///
/// # Errors
/// What was asked for is neither a seed nor a history that can be run, our own code panicked, or the trace or the page cannot
/// be written.
pub fn replay(arguments: &arguments::Replay, output: &Output) -> Result<Exit, Refusal> {
    let subject = subject::read(&arguments.subject, arguments.profile.as_deref())?;
    let trace = arguments.trace.as_deref();
    if let Some(file) = trace
        && !trace_file::may_write(file).map_err(|error| Refusal::write(file, &error))?
    {
        return Err(Refusal::Occupied(file.to_owned()));
    }
    let page = arguments.html.as_deref().map(PagePlace::prepare).transpose()?;
    let outcome = subject.run()?;
    if let Some(file) = trace {
        // Before all else: a trace is the more worth where a property panics.
        let Subject { history, origin, .. } = &subject;
        let about = About::new(history, *origin, history.steps.len(), workspace::commit());
        trace_file::save(file, &about, &outcome.run).map_err(|error| Refusal::write(file, &error))?;
    }
    let outcome = subject.unless_panicked(outcome)?;
    let scope = if arguments.everything { Scope::Whole } else { Scope::Storm };
    let mut report = ReplayReport::new(&subject.history, &outcome, scope, subject.typed.clone());
    report.trace = trace.map(|file| file.display().to_string());
    if let Some(place) = page {
        report.page = place.write(&page::replay(&report, &outcome))?;
    }
    output.report(&report, text::replay)?;
    Ok(outcome.conclusion().into())
}
