//! What an operator sees and does: health, metrics, connections, draining, limits, backups, keys (WS-4, WS-8, WS-9).

use super::model::Scenario;

/// In the order in which they run.
pub static ALL: &[Scenario] = &[];
