//! `cargo sim shrink`: the smallest history that still breaks the same property.

use super::arguments;
use super::failure::examine;
use super::output::Output;
use super::refusal::Refusal;
use super::{Exit, subject};
use crate::failure::Files;
use crate::judge;
use crate::report::text;

/// Runs `cargo sim shrink`.
///
/// # Errors
/// What was asked for is neither a seed nor a history that can be run, there is no such property, or the smaller
/// history cannot be written.
pub fn shrink(arguments: &arguments::Shrink, output: &Output) -> Result<Exit, Refusal> {
    let asked = arguments.property.as_deref();
    if let Some(id) = asked.filter(|id| judge::properties().iter().all(|property| property.id != *id)) {
        return Err(Refusal::Property(id.to_owned()));
    }
    let subject = subject::read(&arguments.subject, arguments.profile.as_deref())?;
    let outcome = subject.judge()?;
    let judgement = outcome.violated().find(|judgement| asked.is_none_or(|id| id == judgement.id));
    let Some(property) = judgement.map(|judgement| judgement.id) else {
        let what = asked.unwrap_or("any property");
        return Err(Refusal::NothingToShrink { typed: subject.typed, what: what.to_owned() });
    };
    let mut failure = examine(&subject.history, subject.origin, property).ok_or_else(|| Refusal::NotRepeated {
        what: subject.typed,
        property: property.to_owned(),
        seed: subject.history.seed,
    })?;
    failure.save(Files { output: &arguments.output, history: "shrunk.json" })?;
    output.report(&failure.report, text::failure)?;
    Ok(Exit::Violated)
}
