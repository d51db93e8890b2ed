//! What stands on the lines of a trace file. A change that older programs would read wrongly makes a new [`VERSION`].

use properties::trace::Entry;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_128;

use crate::history::History;
use crate::report::Origin;

/// The version of the format that this program writes and reads.
pub const VERSION: u64 = 1;

/// What the first line calls the format.
pub(super) const FORMAT: &str = "stormglass trace";

/// What every trace begins with, of whatever version.
pub(super) const HEAD: &str = "{\"format\":\"stormglass trace\"";

/// Of which run a trace is.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct About {
    /// The version of the program that wrote it.
    pub program: String,
    /// The commit that the history ran at.
    pub commit: String,
    /// Where the history came from.
    pub origin: Origin,
    /// The seed of the history's weather.
    pub seed: u64,
    /// The profile that the history was drawn from.
    pub profile: String,
    /// How many steps the history had when it was drawn or read.
    pub drawn_steps: usize,
    /// How many it had when it ran: fewer, where it was made smaller.
    pub steps: usize,
    /// The name of the history's file, where it is kept beside the trace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub history: Option<String>,
}

/// One line of a trace file.
#[derive(JsonSchema)]
#[schemars(untagged)]
pub enum Line {
    /// The first line.
    Header(Header),
    /// Each observation, in the order of observation.
    Entry(Entry),
    /// The last line.
    End(End),
}

/// The first line.
#[derive(Serialize, Deserialize, JsonSchema)]
pub struct Header {
    /// `stormglass trace`.
    pub(super) format: String,
    /// The version of the format: 1.
    pub(super) version: u64,
    /// Of which run it is.
    #[serde(flatten)]
    pub(super) about: About,
}

/// The last line.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct End {
    /// What precedes it.
    pub(super) end: Closing,
}

/// What the last line says of all before it.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Closing {
    /// How many observations there are.
    pub(super) entries: u64,
    /// The head of the run's hash chain, as `cargo sim replay` tells it: good within one build only.
    pub(super) fingerprint: String,
    /// xxh3 (128 bits, hexadecimal) of every byte before this line.
    pub(super) hash: String,
}

impl About {
    /// A run of `history` by this program at `commit`; before it was made smaller, it had `drawn_steps` steps.
    pub fn new(history: &History, origin: Origin, drawn_steps: usize, commit: String) -> Self {
        Self {
            program: env!("CARGO_PKG_VERSION").to_owned(),
            commit,
            origin,
            seed: history.seed,
            profile: history.profile.clone(),
            drawn_steps,
            steps: history.steps.len(),
            history: None,
        }
    }

    /// The same, with the history kept beside the trace under this name.
    #[must_use]
    pub fn beside(self, history: &str) -> Self {
        Self { history: Some(history.to_owned()), ..self }
    }
}

/// The hash of what precedes a closing line.
pub(super) fn hash(bytes: &[u8]) -> String {
    format!("{:032x}", xxh3_128(bytes))
}
