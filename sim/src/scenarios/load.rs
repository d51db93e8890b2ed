//! Many users at once, and what they may expect then (IT-9).

use super::model::Scenario;

/// In the order in which they run.
pub static ALL: &[Scenario] = &[];
