//! Settings of the store.

use serde::{Deserialize, Serialize};

/// The store.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StoreConfig {
    /// Memory for cached pages. Those that do not fit are mostly in the operating system's cache.
    pub cache_bytes: usize,
    /// How many operations may share a commit.
    pub batch_limit: usize,
    /// Check every page when the server starts. Costs a read of the whole database.
    pub verify_at_start: bool,
    /// How many of a room's newest messages a snapshot holds.
    pub snapshot_messages: usize,
    /// How many of a room's newest threads a snapshot holds.
    pub snapshot_threads: usize,
}

impl Default for StoreConfig {
    fn default() -> Self {
        Self {
            cache_bytes: 64 << 20,
            batch_limit: 256,
            verify_at_start: true,
            snapshot_messages: 200,
            snapshot_threads: 50,
        }
    }
}
