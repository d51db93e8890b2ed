//! Which side a scenario is about, how much it matters, and what it needs.

use std::fmt;

use schemars::JsonSchema;
use serde::Serialize;

/// Which side of the server a scenario is about.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// REST.
    Api,
    /// The WebSocket.
    Websocket,
    /// Both, and what one shows of the other.
    Integration,
}

/// How much a scenario matters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, JsonSchema, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    /// Without it the server is of no use.
    High,
    /// Somebody relies on it.
    Medium,
    /// It is good to know.
    Low,
}

/// What a scenario needs beyond a server that answers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Needs {
    /// Faults of the network, of the machine or of its disk: only the simulation has them.
    Faults,
    /// The token of the server's operator.
    Operator,
    /// A directory of conversation files that can be written to.
    Feed,
}

impl Priority {
    /// As it is typed.
    pub const fn name(self) -> &'static str {
        match self {
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
        }
    }
}

impl fmt::Display for Priority {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}
