//! Why a file is no history that can be run, or could not be written.

use std::io;
use std::path::PathBuf;

use super::validate::Flaw;

/// The format that this program writes and reads.
pub const FORMAT: u64 = 1;

/// A file that cannot be run as a history.
#[derive(Debug, thiserror::Error)]
#[error("{}: {problem}", path.display())]
pub struct LoadError {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it.
    #[source]
    pub problem: Problem,
}

/// Why something cannot be run as a history.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// The file cannot be read.
    #[error("cannot be read: {0}")]
    Unreadable(io::Error),
    /// It is not JSON.
    #[error("not JSON: {0}")]
    NotJson(serde_json::Error),
    /// A field is missing, unknown, or holds something else than it should.
    #[error("line {line}: {place}{complaint}")]
    WrongField {
        /// Counts from 1.
        line: usize,
        /// The field or step, with a colon; empty where the complaint names it.
        place: String,
        /// What is wrong and what would be right.
        complaint: String,
    },
    /// It was saved in another format.
    #[error(
        "saved by format {found}, this program reads {FORMAT}: run it with the program that saved it, or draw it \
         again from its seed; it is never run as something else"
    )]
    OtherFormat {
        /// Its format.
        found: u64,
    },
    /// It can be read, but makes no sense.
    #[error("makes no sense: {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Flawed(Vec<Flaw>),
}

/// A history that could not be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot save the history as {}: {source}; check that the folder can be written to", path.display())]
pub struct SaveError {
    /// The file.
    pub path: PathBuf,
    /// What the operating system says.
    pub source: io::Error,
}
