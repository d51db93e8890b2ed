//! Files: created, sent in pieces, interrupted, gone on with, read (IT-5, IT-11, IT-E2).

use super::model::Scenario;

/// In the order in which they run.
pub static ALL: &[Scenario] = &[];
