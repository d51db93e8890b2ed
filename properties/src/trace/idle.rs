//! What is counted while nobody asks for anything.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What was done in a time in which nobody asked for anything.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Idle {
    /// How long it was, in simulated milliseconds.
    pub for_ms: u64,
    /// How many devices were connected when it began.
    pub devices: u64,
    /// How often a task of the server was polled.
    pub server_polls: u64,
    /// How often a task of the devices was polled: of all of them together.
    pub device_polls: u64,
    /// How often the server read, wrote or synced its disk.
    pub disk_operations: u64,
    /// How many tasks of the server lived when it began.
    pub tasks_before: u64,
    /// How many tasks of the server lived when it ended.
    pub tasks_after: u64,
    /// How long the server's database was when it began.
    pub disk_bytes_before: u64,
    /// How long the server's database was when it ended.
    pub disk_bytes_after: u64,
}
