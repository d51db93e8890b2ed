//! What of a run does not fit the model. What it says to a person is told by `violation`.

use system::protocol::{ErrorCode, Event, EventBody, StreamId};

use super::answer::Answer;

/// What does not fit.
#[derive(Debug)]
pub(super) enum Misfit<'t> {
    /// An operation took effect that the contract refuses.
    Refused { place: usize, event: &'t Event, code: ErrorCode },
    /// An operation committed something else than the contract says.
    Differs { place: usize, event: &'t Event, expected: Option<Box<(StreamId, EventBody)>> },
    /// An operation did not commit something that the contract says.
    Missing { event: &'t Event, expected: Box<(StreamId, EventBody)> },
    /// Something was committed that no operation does.
    Unknown { event: &'t Event },
    /// An answer is true at no place.
    Unexplained { ask: usize },
    /// Something took effect that nobody asked for.
    Unasked { event: &'t Event },
    /// An operation was answered with something else than it did.
    Unlike { event: &'t Event, ask: usize, answer: Box<Answer> },
}
