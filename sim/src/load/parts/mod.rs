//! The parts of the load, one file each.

mod broadcast;
mod churn;
mod feed;
mod idle;
mod mixed;
mod posts;
mod run;
mod sizes;

pub use run::{Part, run};
pub use sizes::Sizes;
