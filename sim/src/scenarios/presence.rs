//! Who is there: connections, statuses, typing, and what stays of them (IT-6, CG-6).

use super::model::Scenario;

/// In the order in which they run.
pub static ALL: &[Scenario] = &[];
