//! Conversation files that become rooms and messages (RF-1 to RF-4).

use super::model::Scenario;

/// In the order in which they run.
pub static ALL: &[Scenario] = &[];
