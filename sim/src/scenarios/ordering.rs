//! Streams: their order, gaps, repeats, resumes and snapshots (CG-2, CG-3, IT-4).

use super::model::Scenario;

/// In the order in which they run.
pub static ALL: &[Scenario] = &[];
