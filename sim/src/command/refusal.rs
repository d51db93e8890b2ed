//! Why the command could not do what it was asked: the user's mistakes and our own, apart.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use super::Exit;
use crate::campaign::Panicked;
use crate::failure::Unwritable;
use crate::fuzz::folder::FolderError;
use crate::fuzz::runner::NoWorker;
use crate::fuzz::shard::ShardError;
use crate::judge::{Outcome, UnknownProfile};
use crate::load::LoadError;
use crate::mutants::MutantsError;
use crate::planted::PlantedError;
use crate::scenarios::{AgainstError, CatalogueError};
use crate::seeds::{SeedRange, SelectionError};
use crate::trace_file::{Problem, TraceError};

/// Why the command stopped.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The arguments are none of ours.
    #[error("{message}")]
    Arguments {
        /// What is wrong, in one line.
        message: String,
        /// The subcommand, if it came that far.
        subcommand: Option<String>,
    },
    /// A flag or variable names no seeds.
    #[error(transparent)]
    Selection(#[from] SelectionError),
    /// There is no such profile.
    #[error(transparent)]
    Profile(#[from] UnknownProfile),
    /// There is no such property.
    #[error("`{0}` is no property: expected one of those that the list names")]
    Property(String),
    /// Neither a seed nor a file.
    #[error("`{0}` is neither a seed nor a file: expected a whole number such as 7, or the path of a saved history")]
    Subject(String),
    /// A file that is no history that can be run.
    #[error("cannot read the history `{}`: {reason}", file.display())]
    History {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A file that is no trace that can be judged.
    #[error(transparent)]
    Trace(#[from] TraceError),
    /// A trace was to be written where something else is.
    #[error("`{}` is there already and is no trace: name another file, or remove it", .0.display())]
    Occupied(PathBuf),
    /// A history of the committed corpus that cannot be run.
    #[error("cannot read the saved history `{}` that runs first: {reason}", file.display())]
    Saved {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
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
    /// Nothing is broken that could be made smaller.
    #[error("{typed} does not break {what}: expected a history that does")]
    NothingToShrink {
        /// The history.
        typed: String,
        /// What it should break.
        what: String,
    },
    /// A violation did not come back in a second run.
    #[error("{what} broke {property} once and not again: the run is not deterministic")]
    NotRepeated {
        /// Which run.
        what: String,
        /// What it broke.
        property: String,
        /// Its seed.
        seed: u64,
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
    /// A page cannot be where it was asked for.
    #[error("cannot write the page `{}`: {reason}: expected a file such as page.html", file.display())]
    Page {
        /// Where.
        file: PathBuf,
        /// Why not.
        reason: String,
    },
    /// Something cannot be written.
    #[error(transparent)]
    Write(#[from] Unwritable),
    /// The real server could not be measured.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// Another build of this program could not be made.
    #[error("the profile `{profile}` of cargo could not be built: {why}")]
    Build {
        /// The profile.
        profile: String,
        /// What went wrong; the compiler's words went to standard error.
        why: String,
    },
    /// What is said of shards makes no sense.
    #[error(transparent)]
    Shard(#[from] ShardError),
    /// A campaign's folder cannot be used.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// A campaign has no workers.
    #[error(transparent)]
    Worker(#[from] NoWorker),
    /// A planted bug could not be looked for.
    #[error(transparent)]
    Planted(#[from] PlantedError),
    /// No scenario is asked for.
    #[error("no scenario is of that category and priority and has that text in its id or name")]
    NoScenario,
    /// The scenarios do not go together.
    #[error(transparent)]
    Catalogue(#[from] CatalogueError),
    /// A server cannot be used for scenarios.
    #[error(transparent)]
    Against(#[from] AgainstError),
    /// Mutants could not be measured.
    #[error(transparent)]
    Mutants(#[from] MutantsError),
    /// The second process did not do its work.
    #[error("the second process {0}")]
    SecondProcess(String),
}

impl Refusal {
    /// The exit code that goes with it.
    pub fn exit(&self) -> Exit {
        match self {
            Self::Arguments { .. }
            | Self::Selection(_)
            | Self::Profile(_)
            | Self::Property(_)
            | Self::Subject(_)
            | Self::Trace(_)
            | Self::Occupied(_)
            | Self::Page { .. }
            | Self::Shard(_)
            | Self::Folder(FolderError::Busy(_) | FolderError::Other { .. })
            | Self::Planted(PlantedError::Unknown { .. } | PlantedError::Profile(_))
            | Self::Mutants(MutantsError::Unknown { .. } | MutantsError::NoneLike(_))
            | Self::History { .. }
            | Self::NoScenario
            | Self::NothingToShrink { .. } => Exit::Usage,
            Self::Against(AgainstError::Own(_)) => Exit::OwnError,
            Self::Against(_) => Exit::Usage,
            Self::NotRepeated { .. } => Exit::NotDeterministic,
            Self::Saved { .. }
            | Self::Panicked { .. }
            | Self::PropertyPanicked { .. }
            | Self::Write(_)
            | Self::Load(_)
            | Self::Catalogue(_)
            | Self::Build { .. }
            | Self::Folder(_)
            | Self::Worker(_)
            | Self::Planted(_)
            | Self::Mutants(_)
            | Self::SecondProcess(_) => Exit::OwnError,
        }
    }

    /// The command that helps.
    pub fn next(&self) -> Next<'_> {
        Next(self)
    }

    /// The outcome, unless a property panicked in it.
    ///
    /// # Errors
    /// One did.
    pub fn unless_panicked(outcome: Outcome, what: impl FnOnce() -> String) -> Result<Outcome, Self> {
        match outcome.panicked() {
            None => Ok(outcome),
            Some((property, panic)) => Err(Self::PropertyPanicked {
                what: what(),
                property: property.to_owned(),
                // A refusal is one line; the rest of the panic's words went to standard error.
                panic: panic.lines().next().unwrap_or_default().to_owned(),
            }),
        }
    }

    /// Something could not be written to `place`.
    pub fn write(place: &Path, error: &io::Error) -> Self {
        Self::Write(Unwritable { place: place.to_owned(), reason: error.to_string() })
    }
}

/// The next command to type after a refusal.
#[derive(Debug)]
pub struct Next<'a>(&'a Refusal);

impl fmt::Display for Next<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Refusal::Arguments { subcommand: Some(subcommand), .. } => {
                write!(formatter, "cargo sim {subcommand} --help")
            }
            Refusal::Arguments { subcommand: None, .. } => formatter.write_str("cargo sim --help"),
            Refusal::Selection(_) => formatter.write_str("cargo sim run --help"),
            Refusal::Profile(_) => formatter.write_str("cargo sim list profiles"),
            Refusal::Property(_) => formatter.write_str("cargo sim list properties"),
            Refusal::Subject(_) => formatter.write_str("cargo sim replay --help"),
            Refusal::Trace(TraceError { path, problem: Problem::History }) => {
                write!(formatter, "cargo sim replay {}", path.display())
            }
            Refusal::Trace(TraceError { problem: Problem::Unreadable(_) | Problem::NotATrace, .. }) => {
                formatter.write_str("cargo sim judge --help")
            }
            Refusal::Trace(TraceError { path, .. }) => {
                write!(formatter, "cargo sim replay <SEED|FILE> --trace {}", path.display())
            }
            Refusal::Occupied(_) => formatter.write_str("cargo sim replay --help"),
            // A history that this version cannot read is drawn anew from its seed.
            Refusal::History { .. } | Refusal::Saved { .. } => formatter.write_str("cargo sim run"),
            Refusal::NothingToShrink { typed, .. } => write!(formatter, "cargo sim replay {typed}"),
            Refusal::NotRepeated { seed, .. } => {
                write!(formatter, "cargo sim check-determinism --seeds {}", SeedRange::one(*seed))
            }
            Refusal::Panicked { .. } | Refusal::PropertyPanicked { .. } => {
                formatter.write_str("RUST_BACKTRACE=1 cargo sim run --jobs 1")
            }
            Refusal::Page { .. } => formatter.write_str("cargo sim replay 7 --html page.html"),
            Refusal::Write(_) => formatter.write_str("cargo sim run --output <DIRECTORY>"),
            Refusal::Shard(_) | Refusal::Worker(_) => formatter.write_str("cargo sim fuzz --help"),
            Refusal::Folder(_) => formatter.write_str("cargo sim fuzz --out <DIRECTORY>"),
            Refusal::Load(_) => formatter.write_str("cargo sim load --connections 1000"),
            Refusal::Build { profile, .. } => write!(formatter, "cargo build --package sim --profile {profile}"),
            Refusal::Planted(PlantedError::Unknown { .. }) => formatter.write_str("cargo sim planted --help"),
            Refusal::Planted(PlantedError::Profile(_)) => formatter.write_str("cargo sim list profiles"),
            Refusal::Planted(PlantedError::Search { bug, .. }) => {
                write!(formatter, "cargo sim planted --only {bug} --jobs 1")
            }
            Refusal::Planted(_) => formatter.write_str("cargo sim planted --check"),
            Refusal::NoScenario => formatter.write_str("cargo sim list scenarios"),
            Refusal::Catalogue(_) => formatter.write_str("cargo test -p sim --lib scenarios::catalogue"),
            Refusal::Against(
                AgainstError::NoToken(_) | AgainstError::Token { .. } | AgainstError::TokenFile { .. },
            ) => formatter.write_str("cargo sim scenarios --against <URL> --operator-token-file <FILE>"),
            Refusal::Against(AgainstError::Own(_)) => formatter.write_str("cargo build --release --package system"),
            Refusal::Against(AgainstError::Down { .. } | AgainstError::NotReady { .. }) => {
                formatter.write_str("stormglass health")
            }
            Refusal::Against(_) => formatter.write_str("cargo sim scenarios --against own"),
            Refusal::Mutants(MutantsError::List { .. }) => formatter.write_str("cargo install cargo-mutants --locked"),
            Refusal::Mutants(MutantsError::Reviewed { .. }) => formatter.write_str("cargo sim mutants --check"),
            Refusal::Mutants(_) => formatter.write_str("cargo sim mutants --help"),
            Refusal::SecondProcess(_) => formatter.write_str("cargo sim check-determinism --seeds 0..1"),
        }
    }
}
