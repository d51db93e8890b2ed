//! What becomes of the server's process.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize, Serializer};

/// What happened to the server's process.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum ServerChange {
    /// It was started.
    Started,
    /// It accepts connections.
    Listening,
    /// It was told to stop and stopped by itself.
    Stopped,
    /// It was killed; its disk kept everything that it had written.
    Killed,
    /// The power failed; its disk kept what was synced, and an arbitrary part of the rest.
    PowerLost {
        /// How many unsynced writes were lost, wholly or in part.
        lost_writes: usize,
        /// How many unsynced writes there were.
        unsynced_writes: usize,
    },
    /// It refused to start, or gave up.
    Failed {
        /// Its own words.
        reason: String,
    },
    /// Its code panicked.
    Panicked {
        /// The panic's message and place.
        message: String,
        /// Who called whom, the innermost first; no part of the run's fingerprint, since builds differ in it.
        #[serde(serialize_with = "for_people")]
        backtrace: Vec<String>,
    },
}

/// In a file of text, but not where bytes are hashed.
fn for_people<S: Serializer>(lines: &[String], serializer: S) -> Result<S::Ok, S::Error> {
    let lines = if serializer.is_human_readable() { lines } else { &[] };
    lines.serialize(serializer)
}
