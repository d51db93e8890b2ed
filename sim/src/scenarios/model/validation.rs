//! One thing that a scenario looked at, and whether it was as expected (SC-3, IT-10).

use schemars::JsonSchema;
use serde::Serialize;

/// One thing that a scenario looked at.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct Validation {
    /// What was to be seen, as a sentence.
    pub what: String,
    /// Whether it was.
    pub passed: bool,
    /// What was expected.
    pub expected: String,
    /// What was observed.
    pub observed: String,
    /// Where the scenario says so: `sim/src/scenarios/auth.rs:40`.
    pub place: String,
    /// When, in milliseconds since the scenario began.
    pub at_ms: u64,
    /// What the server called the last thing that was heard of it before: to find it in the server's log.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub correlation_id: Option<String>,
}
