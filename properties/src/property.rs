//! What a property is: a statement, and a pure function from a trace to a verdict.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::index::Index;
use crate::trace::At;

/// Something that must always hold.
///
/// A property looks at a whole trace when the run is over. It does no I/O, keeps no state between runs, and says
/// [`Verdict::Vacuous`] rather than held when the trace had nothing for it to check.
pub trait Property: Sync {
    /// A permanent name: `category/name`.
    fn id(&self) -> &'static str;

    /// What must hold, as one sentence.
    fn statement(&self) -> &'static str;

    /// What it proves: rows of REQUIREMENTS.md (`CG-2`) and promises of PROTOCOL.md (`PROTOCOL 3`).
    fn requirements(&self) -> &'static [&'static str];

    /// What a reader might think that it verifies, but it does not.
    fn does_not_verify(&self) -> &'static str;

    /// Judges a run.
    fn check(&self, index: &Index<'_>) -> Verdict;
}

/// What a property says about a run.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum Verdict {
    /// It held each time that it was checked.
    Held {
        /// How often there was something to check; at least 1.
        checked: u64,
    },
    /// It did not hold.
    Violated(Violation),
    /// There was nothing to check.
    Vacuous {
        /// What was missing.
        reason: &'static str,
    },
    /// The property itself failed: our own bug, and no word about the system.
    Broken {
        /// What its panic said.
        panic: String,
    },
}

impl Verdict {
    /// Violated if the check stopped at a violation; else as [`Verdict::from_count`].
    pub fn from_check(outcome: Result<u64, Violation>, reason: &'static str) -> Self {
        match outcome {
            Ok(checked) => Self::from_count(checked, reason),
            Err(violation) => Self::Violated(violation),
        }
    }

    /// Held if something was checked, else vacuous for `reason`.
    pub fn from_count(checked: u64, reason: &'static str) -> Self {
        if checked == 0 { Self::Vacuous { reason } } else { Self::Held { checked } }
    }
}

/// How a property was broken, in the users' words.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Violation {
    /// What should have been observed.
    pub expected: String,
    /// What was observed instead.
    pub observed: String,
    /// The shortest chain of observations that proves it, by time.
    pub evidence: Vec<Evidence>,
}

/// One link of a proof.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Evidence {
    /// When.
    pub at: At,
    /// Who: a device, `server`, `fault` or `auditor`.
    pub who: String,
    /// What they did or saw.
    pub what: String,
    /// This is the link that breaks the property.
    pub breaks_it: bool,
}

impl Evidence {
    /// A link that leads up to the violation.
    pub fn new(at: At, who: impl Into<String>, what: impl Into<String>) -> Self {
        Self { at, who: who.into(), what: what.into(), breaks_it: false }
    }

    /// The link that breaks the property.
    pub fn breaking(at: At, who: impl Into<String>, what: impl Into<String>) -> Self {
        Self { at, who: who.into(), what: what.into(), breaks_it: true }
    }
}
