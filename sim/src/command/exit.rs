//! Exit codes: what a script learns without reading.

use std::process::ExitCode;

use crate::report::Conclusion;

/// How the command ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Exit {
    /// What was asked for was done, and every property held.
    Held = 0,
    /// A property was broken.
    Violated = 1,
    /// Some property never had anything to check.
    Vacuous = 2,
    /// Two runs of one seed differed.
    NotDeterministic = 3,
    /// The command was used wrongly; nothing was run and nothing written.
    Usage = 64,
    /// Our own error: a panic outside of the server, or a file that cannot be written.
    OwnError = 70,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

impl From<Conclusion> for Exit {
    fn from(conclusion: Conclusion) -> Self {
        match conclusion {
            Conclusion::Held => Self::Held,
            Conclusion::Violated => Self::Violated,
            Conclusion::Vacuous => Self::Vacuous,
        }
    }
}
