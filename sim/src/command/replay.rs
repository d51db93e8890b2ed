//! `cargo sim replay`: one history again, told step by step, then judged.

use properties::telling::Scope;

use super::arguments;
use super::output::Output;
use super::page_place::PagePlace;
use super::refusal::Refusal;
use super::{Exit, subject};
use crate::report::{ReplayReport, page, text};

/// Runs `cargo sim replay`.
///
/// # Errors
/// What was asked for is neither a seed nor a history that can be run, or the page cannot be written.
pub fn replay(arguments: &arguments::Replay, output: &Output) -> Result<Exit, Refusal> {
    let subject = subject::read(&arguments.subject, arguments.profile.as_deref())?;
    let page = arguments.html.as_deref().map(PagePlace::prepare).transpose()?;
    let outcome = subject.judge()?;
    let scope = if arguments.everything { Scope::Whole } else { Scope::Storm };
    let mut report = ReplayReport::new(&subject.history, &outcome, scope, subject.typed.clone());
    if let Some(place) = page {
        report.page = place.write(&page::replay(&report, &outcome))?;
    }
    output.report(&report, text::replay)?;
    Ok(outcome.conclusion().into())
}
