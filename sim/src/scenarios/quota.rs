//! How much of files may be kept, and who is told of it (IT-15).

use super::model::Scenario;

/// In the order in which they run.
pub static ALL: &[Scenario] = &[];
