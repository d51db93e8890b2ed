//! What a page shows.

use properties::trace::At;

use crate::report::Conclusion;
use crate::report::timeline::Timeline;

/// One page.
#[derive(Clone, PartialEq, Debug)]
pub struct Page {
    /// What it is about: the heading, and the name of its tab.
    pub title: String,
    /// How it ended.
    pub verdict: Verdict,
    /// A sentence that says the most important thing.
    pub lead: String,
    /// What else one wants to know at once.
    pub facts: Vec<Fact>,
    /// What to type next.
    pub commands: Vec<Command>,
    /// The runs that can be looked at; the first is shown.
    pub runs: Vec<ShownRun>,
    /// What was counted.
    pub tables: Vec<Table>,
}

/// How something ended: a colour, and the word beside it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// As it should be.
    Good,
    /// As it must not be.
    Bad,
    /// Nobody can say.
    Odd,
}

/// Something that is known, under its name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fact {
    /// What it is called.
    pub name: &'static str,
    /// What it is.
    pub value: String,
}

/// A command to type.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Command {
    /// What it does, in a word or two.
    pub label: &'static str,
    /// The command.
    pub line: String,
    /// What to know before typing it.
    pub note: Option<String>,
}

/// A run with its timeline.
#[derive(Clone, PartialEq, Debug)]
pub struct ShownRun {
    /// What it is called where there are several.
    pub name: String,
    /// What it broke, if anything.
    pub broken: Option<Broken>,
    /// What to type to see it again.
    pub commands: Vec<Command>,
    /// What happened.
    pub timeline: Timeline,
}

/// A broken promise and its proof.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Broken {
    /// The property.
    pub property: String,
    /// What it promises, where that is known.
    pub statement: Option<&'static str>,
    /// The requirements that it proves.
    pub requirements: String,
    /// What should have been observed.
    pub expected: String,
    /// What was observed.
    pub observed: String,
    /// The shortest chain of observations that proves it.
    pub proof: Vec<ProofLine>,
    /// What else there is to say of it, each a sentence.
    pub remarks: Vec<String>,
}

/// A link of a proof.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ProofLine {
    /// When.
    pub at: At,
    /// Who.
    pub who: String,
    /// What they did or saw.
    pub what: String,
    /// It breaks the promise.
    pub breaks_it: bool,
}

/// Rows under headings.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Table {
    /// What it is about.
    pub title: &'static str,
    /// The headings, and whether what stands below is a number.
    pub columns: Vec<(String, bool)>,
    /// The rows, each as long as the headings.
    pub rows: Vec<Vec<Cell>>,
}

/// One cell of a table.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cell {
    /// What stands in it.
    pub text: String,
    /// How it is to be looked at; absent: plainly.
    pub verdict: Option<Verdict>,
}

impl Verdict {
    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Good => "held",
            Self::Bad => "broken",
            Self::Odd => "vacuous",
        }
    }
}

impl From<Conclusion> for Verdict {
    fn from(conclusion: Conclusion) -> Self {
        match conclusion {
            Conclusion::Held => Self::Good,
            Conclusion::Violated => Self::Bad,
            Conclusion::Vacuous => Self::Odd,
        }
    }
}

impl Command {
    /// A command without a note.
    pub fn new(label: &'static str, line: impl Into<String>) -> Self {
        Self { label, line: line.into(), note: None }
    }
}

impl Cell {
    /// A plain one.
    pub fn plain(text: impl Into<String>) -> Self {
        Self { text: text.into(), verdict: None }
    }
}
