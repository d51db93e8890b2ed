//! The parts of a run.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The parts of a run, in order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// The company, its users and rooms come to be, in calm weather.
    Setup,
    /// The history's steps are done, its faults happen.
    Storm,
    /// All faults are over; devices must find back.
    Healed,
    /// Every device is in step with the server, or 30 s have passed.
    Quiet,
    /// Half of the users have left, and the server had the time to notice.
    Parted,
    /// Every device has closed its connections.
    Left,
    /// The last reads are done.
    End,
}
