//! An error of our own in one run: the world or a property panicked. It says nothing about the server, and hides nothing
//! of what the other runs say.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Origin;

/// A run that could not be judged, since our own code panicked in it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct OwnError {
    /// Where the history came from.
    pub origin: Origin,
    /// The seed of the history.
    pub seed: u64,
    /// The profile that it was drawn from.
    pub profile: String,
    /// What panicked: the property by its name, or the world.
    pub panicked: String,
    /// What the panic said, and where.
    pub message: String,
    /// The file to replay. It is a place on this machine, so it is no part of the data for machines.
    #[serde(skip)]
    pub file: String,
}
