//! Settings of presence and typing.

use serde::{Deserialize, Serialize};

/// Presence.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PresenceConfig {
    /// How long after the last connection a user counts as online.
    pub grace_ms: u64,
    /// How often at most a connection's typing is passed on, in each room.
    pub typing_interval_ms: u64,
    /// For how long others show it.
    pub typing_expires_ms: u64,
}

impl Default for PresenceConfig {
    fn default() -> Self {
        Self { grace_ms: 15_000, typing_interval_ms: 2_000, typing_expires_ms: 6_000 }
    }
}
