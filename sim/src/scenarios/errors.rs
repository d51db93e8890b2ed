//! What is malformed, unknown or forbidden, and how the server says so (WS-12, WS-13, IT-E5).

use super::model::Scenario;

/// In the order in which they run.
pub static ALL: &[Scenario] = &[];
