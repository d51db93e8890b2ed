//! Faults, as far as a property may have to know them. What they do to the world, the simulation knows.

use schemars::JsonSchema;
use serde::ser::SerializeStruct;
use serde::{Deserialize, Serialize, Serializer};

use super::Word;

/// A kind of fault, and what a property may have to know of it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Deserialize, JsonSchema)]
pub struct FaultKind {
    /// Its name in the list of faults.
    pub name: Word,
    /// What it is done to.
    pub concerns: Concern,
    /// Whether it lasts for a while; otherwise it is over at once.
    pub lasts: bool,
}

impl Serialize for FaultKind {
    /// Where bytes are hashed, the name says it all; whoever reads a file does not know the list of faults.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { name, concerns, lasts } = self;
        if !serializer.is_human_readable() {
            return serializer.serialize_str(name);
        }
        let mut written = serializer.serialize_struct("FaultKind", 3)?;
        written.serialize_field("name", name)?;
        written.serialize_field("concerns", concerns)?;
        written.serialize_field("lasts", lasts)?;
        written.end()
    }
}

/// What a fault is done to.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Concern {
    /// The connections of some devices.
    Connections,
    /// The server's process: it ends, and is started again.
    Process,
    /// The power of the server's machine.
    Power,
    /// The server's disk: it refuses what it is asked for.
    Disk,
    /// The speed of the server's machine.
    Work,
    /// The server's wall clock.
    Clock,
    /// What tokens are signed with.
    Tokens,
}

/// Whether a fault began or ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FaultChange {
    /// From now on.
    Began,
    /// Until now.
    Ended,
}
