//! How a result stands (SC-3): pending, running, and then passed, failed or an error; or pending, and then skipped.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Serialize, Serializer};

use super::move_refused::{MoveRefused, advance};

/// How a result stands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It has not begun.
    Pending,
    /// It is under way.
    Running,
    /// Everything was as expected.
    Passed,
    /// Something was not as expected, or took too long.
    Failed,
    /// It was not begun, because what it runs on cannot give what it needs, or because it is not active.
    Skipped,
    /// The scenario itself broke.
    Error,
}

/// A status that moves only as it may.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Progress(Status);

impl Status {
    /// All of them, in the order in which a report counts them.
    pub const ALL: [Self; 6] = [Self::Passed, Self::Failed, Self::Error, Self::Skipped, Self::Running, Self::Pending];

    /// What may follow.
    pub fn next(self) -> &'static [Self] {
        match self {
            Self::Pending => &[Self::Running, Self::Skipped],
            Self::Running => &[Self::Passed, Self::Failed, Self::Error],
            Self::Passed | Self::Failed | Self::Skipped | Self::Error => &[],
        }
    }

    /// As reports write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Running => "running",
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
            Self::Error => "error",
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

impl Progress {
    /// The beginning of every result.
    pub const fn pending() -> Self {
        Self(Status::Pending)
    }

    /// How it stands.
    pub const fn status(self) -> Status {
        self.0
    }

    /// Moves on.
    ///
    /// # Errors
    /// `to` may not follow.
    pub fn advance(&mut self, to: Status) -> Result<(), MoveRefused> {
        let next = self.0.next();
        advance(("the status of a result", "SC-3"), &mut self.0, next, to)
    }
}

impl JsonSchema for Progress {
    fn schema_name() -> Cow<'static, str> {
        Status::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Status::json_schema(generator)
    }
}

impl Serialize for Progress {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_moves_only_as_the_requirement_says() {
        let allowed = [
            (Status::Pending, Status::Running),
            (Status::Pending, Status::Skipped),
            (Status::Running, Status::Passed),
            (Status::Running, Status::Failed),
            (Status::Running, Status::Error),
        ];
        for from in Status::ALL {
            for to in Status::ALL {
                let moved = Progress(from).advance(to);
                assert_eq!(moved.is_ok(), allowed.contains(&(from, to)), "{from} to {to}");
            }
        }
        let error = Progress(Status::Passed).advance(Status::Failed).expect_err("it is over");
        let said = "the status of a result cannot become failed after passed: nothing may follow it (SC-3)";
        assert_eq!(error.to_string(), said);
    }
}
