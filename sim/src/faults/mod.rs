//! Faults: one file each. A fault is data (drawn, shrunk and saved with the history) and what it does to the world.

use serde::{Deserialize, Serialize};

/// What can go wrong. On disk: `{"do": "fault", "fault": "cut", …}`.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(tag = "fault", rename_all = "snake_case", deny_unknown_fields)]
pub enum Fault {
    /// Bytes between some devices and the server stop, as if a cable were pulled.
    Cut {
        /// Whose.
        target: Target,
        /// Which way.
        direction: Direction,
        /// For how long.
        for_ms: u64,
    },
    /// Bytes between some devices and the server wait, without a loss: they all come at the end.
    Stall {
        /// Whose.
        target: Target,
        /// For how long.
        for_ms: u64,
    },
    /// Every connection of some devices breaks with a reset.
    Reset {
        /// Whose.
        target: Target,
    },
    /// The server's process is killed; its disk keeps what it wrote.
    Kill {
        /// Until it is started again.
        down_ms: u64,
    },
    /// The power fails; the disk keeps what was synced and an arbitrary part of the rest.
    PowerLoss {
        /// How many more disk operations succeed first: 0 is at once, more is in the middle of a commit.
        after_operations: u32,
        /// Until the server is started again.
        down_ms: u64,
    },
    /// The server is told to stop, and started again.
    Restart {
        /// Until it is started again.
        down_ms: u64,
    },
    /// The server's wall clock jumps.
    ClockJump {
        /// By how much; negative is back.
        by_ms: i64,
    },
}

/// Whose connections a fault is about.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// One device: `user/device`.
    Device(String),
    /// All devices of one user.
    User(String),
    /// All devices.
    Everyone,
}

/// Which way a cut goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Both ways.
    Both,
    /// From the device to the server.
    Up,
    /// From the server to the device.
    Down,
}
