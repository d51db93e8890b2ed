//! Why mutants could not be measured.

use std::io;
use std::path::PathBuf;

use crate::campaign::Panicked;
use crate::planted::PlantedError;

/// Why mutants could not be measured.
#[derive(Debug, thiserror::Error)]
pub enum MutantsError {
    /// No area of the core has this name.
    #[error("`{name}` is no area of the core: expected one of {known}")]
    Unknown {
        /// What was asked for.
        name: String,
        /// All that there are.
        known: String,
    },
    /// No mutant's name contains this.
    #[error("no mutant is named like `{0}`: expected a part of what the table calls one, such as store/view.rs")]
    NoneLike(String),
    /// cargo-mutants did not list them.
    #[error(
        "cargo mutants cannot list the mutants: {reason}; it is installed with cargo install cargo-mutants --locked"
    )]
    List {
        /// What it said.
        reason: String,
    },
    /// The list of those that change nothing cannot be read, or names what is not there.
    #[error("{}: {reason}", file.display())]
    Reviewed {
        /// The list.
        file: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A file of the server is no Rust that is understood here.
    #[error("cannot read `{file}` as Rust: {reason}")]
    Parse {
        /// The file.
        file: String,
        /// What the parser said.
        reason: String,
    },
    /// The copy cannot be built, and no mutant is to blame.
    #[error("the copy with all mutants cannot be built, and none of them is to blame: {reason}")]
    Build {
        /// What the compiler said.
        reason: String,
    },
    /// What was built fails without any mutant.
    #[error("without any mutant, {reason}: what the mutants do would prove nothing")]
    Baseline {
        /// How.
        reason: String,
    },
    /// Our own code panicked.
    #[error(transparent)]
    Panicked(#[from] Panicked),
    /// The copy of the workspace could not be made.
    #[error(transparent)]
    Copy(#[from] PlantedError),
    /// A file or a program of the machine.
    #[error("cannot {what} `{}`: {source}", place.display())]
    Place {
        /// What was tried.
        what: &'static str,
        /// With which file or program.
        place: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

impl MutantsError {
    /// Something that could not be done with a file or a program.
    pub(super) fn place(what: &'static str, place: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let place = place.into();
        move |source| Self::Place { what, place, source }
    }
}
