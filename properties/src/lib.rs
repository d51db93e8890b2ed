//! What must always hold of a real-time backend: pure functions from what was observed to a verdict.

mod property;
pub mod trace;

pub use property::{Evidence, Property, Verdict, Violation};
