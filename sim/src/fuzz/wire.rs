//! What a campaign and its worker processes say to each other: one JSON document a line, a task in, a reply out.

use serde::{Deserialize, Serialize};

use super::coverage::Keys;
use crate::history::History;
use crate::report::summary::Counter;

/// What a worker is to run.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Task {
    /// The history of this seed.
    Seed(u64),
    /// This history.
    History(Box<History>),
}

/// What came of it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reply {
    /// It was run and judged.
    Ran(Box<Ran>),
    /// Our own code panicked: the panic and its backtrace.
    Panicked(String),
}

/// A run, as a campaign needs it.
#[derive(Debug, Serialize, Deserialize)]
pub struct Ran {
    /// What it reached.
    pub keys: Keys,
    /// What it broke, in the order of the catalogue.
    pub broken: Vec<Broken>,
    /// What it counts for.
    pub counter: Counter,
}

/// A property that a run broke.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Broken {
    /// The property.
    pub property: String,
    /// How, without the names and numbers of this history: likely the same bug has the same.
    pub signature: String,
}

impl Ran {
    /// Whether it broke this property.
    pub fn breaks(&self, property: &str) -> bool {
        self.broken.iter().any(|broken| broken.property == property)
    }
}
