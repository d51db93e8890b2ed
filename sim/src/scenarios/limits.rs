//! How much one may ask for: rates, connections, sizes, slow readers (WS-10, WS-11, WS-16, IT-E4).

use super::model::Scenario;

/// In the order in which they run.
pub static ALL: &[Scenario] = &[];
