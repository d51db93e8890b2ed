//! Rooms: created, renamed, archived, shown, hidden, deleted, joined and left, and who is told (IT-13, WS-7).

use super::model::Scenario;

/// In the order in which they run.
pub static ALL: &[Scenario] = &[];
