//! The life of a scenario (SC-4): draft, active, executing, completed; failed, error and timeout are its exits.

use std::fmt;

use schemars::JsonSchema;
use serde::Serialize;

use super::move_refused::{MoveRefused, advance};

/// Where a scenario is in its life.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ScenarioState {
    /// Written down, and not checked yet against the catalogue and the published documents. One that is not active stays so.
    Draft,
    /// Checked, and ready.
    Active,
    /// Its body runs.
    Executing,
    /// Its body ran to its end, and everything was as expected.
    Completed,
    /// Something was not as expected.
    Failed,
    /// The body itself broke.
    Error,
    /// It took longer than it may.
    Timeout,
}

impl ScenarioState {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::Draft, Self::Active, Self::Executing, Self::Completed, Self::Failed, Self::Error, Self::Timeout];

    /// What may follow.
    pub fn next(self) -> &'static [Self] {
        match self {
            Self::Draft => &[Self::Active],
            Self::Active => &[Self::Executing],
            Self::Executing => &[Self::Completed, Self::Failed, Self::Error, Self::Timeout],
            Self::Completed | Self::Failed | Self::Error | Self::Timeout => &[],
        }
    }

    /// Moves on.
    ///
    /// # Errors
    /// `to` may not follow.
    pub fn advance(&mut self, to: Self) -> Result<(), MoveRefused> {
        let next = self.next();
        advance(("the state of a scenario", "SC-4"), self, next, to)
    }
}

impl fmt::Display for ScenarioState {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Draft => "draft",
            Self::Active => "active",
            Self::Executing => "executing",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Error => "error",
            Self::Timeout => "timeout",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_moves_only_as_the_requirement_says() {
        use ScenarioState::{Active, Completed, Draft, Error, Executing, Failed, Timeout};
        let allowed = [
            (Draft, Active),
            (Active, Executing),
            (Executing, Completed),
            (Executing, Failed),
            (Executing, Error),
            (Executing, Timeout),
        ];
        for from in ScenarioState::ALL {
            for to in ScenarioState::ALL {
                let mut state = from;
                assert_eq!(state.advance(to).is_ok(), allowed.contains(&(from, to)), "{from} to {to}");
                assert_eq!(state == to, from == to || allowed.contains(&(from, to)), "{from} to {to}");
            }
        }
    }
}
