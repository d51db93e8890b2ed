//! Why a file is no trace that can be judged. Each says what is wrong, and what would be right.

use std::io;
use std::path::PathBuf;

use super::format::VERSION;

/// A file cannot be judged.
#[derive(Debug, thiserror::Error)]
#[error("cannot judge `{}`: {problem}", path.display())]
pub struct TraceError {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it.
    #[source]
    pub problem: Problem,
}

/// What is wrong with a trace file.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// The operating system does not let us read it.
    #[error("{0}")]
    Unreadable(#[source] io::Error),
    /// There is nothing in it.
    #[error("it is empty: expected a trace, whose first line says what it is")]
    Empty,
    /// Its first line is not that of a trace.
    #[error(
        "it is no trace: expected {{\"format\":\"stormglass trace\",...}} on its first line, as a failure's trace.jsonl has it"
    )]
    NotATrace,
    /// It is a history.
    #[error("it is a saved history and no trace: a history is replayed, and a trace of that is judged")]
    History,
    /// It is a trace from before traces had versions.
    #[error("it is a trace without a version, as they were written once: run its history again")]
    Unversioned,
    /// Another program wrote it.
    #[error(
        "it is written in version {found} of the format (commit {commit}), and this program reads version {VERSION}: judge \
         it with the program that wrote it, or run its history again"
    )]
    Version {
        /// Its version.
        found: u64,
        /// The commit that it names.
        commit: String,
    },
    /// It has no closing line.
    #[error(
        "it is cut off: {entries} whole observations, and then no closing line; copy it again from where it is whole, or run \
         its history again"
    )]
    CutOff {
        /// How many whole lines of observations there are.
        entries: u64,
    },
    /// The closing line counts other than what is there.
    #[error(
        "its closing line counts {counted} observations, and {found} are there: lines were {} it; run its history again",
        if counted > found { "lost from" } else { "added to" }
    )]
    Miscounted {
        /// As the closing line has it.
        counted: u64,
        /// As they are.
        found: u64,
    },
    /// The hash is another than that of what precedes it.
    #[error(
        "it was changed after it was written{}: its closing line has the hash {written}, and what precedes it has {found}; \
         run its history again",
        unreadable.map(|number| format!(", and line {number} cannot be read")).unwrap_or_default()
    )]
    Changed {
        /// As the closing line has it.
        written: String,
        /// As it is.
        found: String,
        /// The first line that cannot be read, counted from 1; none if all can.
        unreadable: Option<u64>,
    },
    /// A line is none of a trace, though the file is as it was written.
    #[error(
        "line {number} cannot be read: {reason}; it is of commit {commit}: judge it with the program of that commit"
    )]
    Line {
        /// Which, counted from 1.
        number: u64,
        /// What is wrong with it.
        reason: String,
        /// The commit that the trace names.
        commit: String,
    },
}
