//! Why planted bugs could not be looked for.

use std::io;
use std::path::PathBuf;

use crate::campaign::Panicked;
use crate::judge::UnknownProfile;

/// Why planted bugs could not be looked for.
#[derive(Debug, thiserror::Error)]
pub enum PlantedError {
    /// No planted bug has this name.
    #[error("`{name}` is no planted bug: expected one of {known}")]
    Unknown {
        /// What was asked for.
        name: String,
        /// All that there are.
        known: String,
    },
    /// A patch does not say what it is.
    #[error("the planted bug `{bug}` does not say what it is: {reason}")]
    Header {
        /// The bug.
        bug: String,
        /// What is missing or wrong.
        reason: String,
    },
    /// `system` has changed under a patch.
    #[error("the planted bug `{bug}` does not apply any more: {reason}; make the same mistake in today's code")]
    Patch {
        /// The bug.
        bug: String,
        /// What git said.
        reason: String,
    },
    /// A patch is no Rust any more.
    #[error("the planted bug `{bug}` cannot be built: its patch applies, but cargo refuses what it makes")]
    Build {
        /// The bug.
        bug: String,
    },
    /// The program with the bug did not say what it found.
    #[error("the search for the planted bug `{bug}` {reason}")]
    Search {
        /// The bug.
        bug: String,
        /// What went wrong.
        reason: String,
    },
    /// Our own code panicked.
    #[error("{what}: {source}")]
    Panicked {
        /// In which run.
        what: String,
        /// How.
        source: Panicked,
    },
    /// A property panicked rather than to judge.
    #[error("{what}: the property {property} panicked: {panic}")]
    PropertyPanicked {
        /// In which run.
        what: String,
        /// Which.
        property: String,
        /// What its panic said.
        panic: String,
    },
    /// There is no such profile.
    #[error(transparent)]
    Profile(#[from] UnknownProfile),
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

impl PlantedError {
    /// Something that could not be done with a file or a program.
    pub(super) fn place(what: &'static str, place: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let place = place.into();
        move |source| Self::Place { what, place, source }
    }
}
