//! What every operation can say about itself.

use std::fmt;

use proptest::strategy::BoxedStrategy;
use system::client::{Answer, Operation, Outcome};

use super::{Action, Book, Name, Noun, Part};
use crate::history::draw::{Scene, Stage};
use crate::world::Device;

/// What every operation can say about itself, and how a device does it.
pub(crate) trait Deed: fmt::Debug {
    /// All names in it. The macro `names!` writes it.
    fn names(&self) -> Vec<Name<'_>>;

    /// The same, to be changed: what, whether it is made here, and the name.
    fn names_mut(&mut self) -> Vec<(Noun, bool, &mut String)>;

    /// What is done, in a person's words: `message.send "m17" to general`.
    fn what(&self) -> String;

    /// Lets `device` begin it. Names that the book does not know (yet) are an error: the step is skipped.
    fn begin(&self, device: &Device, book: &Book) -> Result<Begun, String>;

    /// What comes into it of a file's content, as whoever made the history knows it: what is read is compared with that.
    fn content(&self, _book: &Book) -> Option<Part> {
        None
    }

    /// Writes down what later steps may name, from the answer.
    fn learn(&self, _answer: &Answer, _book: &Book) {}

    /// What is drawn in its place where there is nothing yet that it could be about; none: a message, if it is about a
    /// room.
    fn otherwise(&self) -> Option<Action> {
        None
    }

    /// The same made simpler in one respect, the simplest first. Each is strictly simpler, so that shrinking ends.
    fn simpler(&self) -> Vec<Action> {
        Vec::new()
    }
}

/// What a device was let do.
#[derive(Debug)]
pub(crate) enum Begun {
    /// It asks the server.
    Asks(Operation),
    /// It is done already, and nothing is to be answered.
    Done,
}

/// One kind of operation, as the list has it.
#[derive(Clone, Copy)]
pub struct Kind {
    /// The name in saved histories, profiles and traces.
    pub name: &'static str,
    /// What it is, in one line.
    pub summary: &'static str,
    /// How often it is drawn for itself in the standard profile, beside the others.
    pub weight: u32,
    /// Draws a scene of it; none for what only makes sense in scenes of others.
    pub(crate) strategy: Option<fn(&Stage) -> BoxedStrategy<Scene>>,
}

impl fmt::Debug for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Kind").field("name", &self.name).finish_non_exhaustive()
    }
}

impl From<Operation> for Begun {
    fn from(operation: Operation) -> Self {
        Self::Asks(operation)
    }
}

/// The answer that an operation succeeded with; none for what succeeded without one.
pub(crate) fn answer_of(outcome: &Outcome) -> Option<&Answer> {
    match outcome {
        Outcome::Answered(answer) => Some(answer),
        _ => None,
    }
}
