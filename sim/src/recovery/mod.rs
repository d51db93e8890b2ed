//! How long devices take to find back, and from which faults: read from a run that is over.

mod observe;
mod outage;
mod spell;

pub use observe::{Recovery, recoveries};
