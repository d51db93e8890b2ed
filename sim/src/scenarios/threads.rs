//! Threads below messages: opened, replied in, and who is told (IT-13).

use super::model::Scenario;

/// In the order in which they run.
pub static ALL: &[Scenario] = &[];
