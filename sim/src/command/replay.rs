//! `cargo sim replay`: one history again, told step by step, then judged.

use super::arguments;
use super::output::Output;
use super::refusal::Refusal;
use super::{Exit, subject};
use crate::judge;
use crate::report::story::{NamedVerdict, tell};
use crate::report::{ReplayReport, text};

/// Runs `cargo sim replay`.
///
/// # Errors
/// What was asked for is neither a seed nor a history that can be run.
pub fn replay(arguments: &arguments::Replay, output: &Output) -> Result<Exit, Refusal> {
    let subject = subject::read(&arguments.subject, arguments.profile.as_deref())?;
    let outcome = subject.judge()?;
    let history = &subject.history;
    let report = ReplayReport {
        seed: history.seed,
        profile: history.profile.clone(),
        steps: history.steps.len(),
        story: tell(&outcome.run.trace),
        verdicts: outcome.judgements.iter().map(NamedVerdict::of).collect(),
        fingerprint: judge::hex(outcome.run.fingerprint),
        subject: subject.typed,
    };
    output.report(&report, text::replay)?;
    Ok(outcome.conclusion().into())
}
