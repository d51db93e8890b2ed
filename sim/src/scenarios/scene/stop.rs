//! Why a body cannot go on: what it needed did not come about.

use std::panic::Location;

use system::client::CallError;

use crate::scenarios::model::ErrorKind;
use crate::scenarios::wire::AskError;

/// A body cannot go on. It knows the line of the scenario at which it stopped.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{what}")]
pub struct Stop {
    pub(in crate::scenarios) kind: ErrorKind,
    pub(in crate::scenarios) what: String,
    pub(in crate::scenarios) place: String,
    pub(in crate::scenarios) correlation_id: Option<String>,
}

impl Stop {
    /// Something was not as expected, so that nothing after it would tell anything.
    #[track_caller]
    pub fn because(what: impl Into<String>) -> Self {
        Self::at(Location::caller(), what)
    }

    /// The same at another line.
    pub fn at(place: &Location<'_>, what: impl Into<String>) -> Self {
        Self { kind: ErrorKind::Expectation, what: what.into(), place: told(place), correlation_id: None }
    }

    /// The same, as seen from the line of the scenario that led to it.
    pub(super) fn seen_from(self, place: &Location<'_>) -> Self {
        Self { place: told(place), ..self }
    }
}

/// A call that was to succeed did not. The line is that of the `?`.
impl From<CallError> for Stop {
    #[track_caller]
    fn from(error: CallError) -> Self {
        let correlation_id = match &error {
            CallError::Refused(problem) => Some(problem.correlation_id.clone()),
            _ => None,
        };
        Self { kind: ErrorKind::Call, what: error.to_string(), place: told(Location::caller()), correlation_id }
    }
}

/// A request that was to be answered was not. The line is that of the `?`.
impl From<AskError> for Stop {
    #[track_caller]
    fn from(error: AskError) -> Self {
        Self { kind: ErrorKind::Call, what: error.to_string(), place: told(Location::caller()), correlation_id: None }
    }
}

/// A line of this workspace, wherever it lies.
pub(super) fn told(place: &Location<'_>) -> String {
    let file = place.file().replace('\\', "/");
    let file = file.rfind("sim/src/").map_or(file.as_str(), |start| &file[start..]);
    format!("{file}:{}", place.line())
}
