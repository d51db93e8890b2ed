//! The search for histories that are worse than those that were drawn: hill climbing, a function of its seeds.

mod climb;

pub use climb::{Climb, Found, Gain, Score, Trial};
