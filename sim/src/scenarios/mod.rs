//! Named scenarios: a few users, what they do, and what is to be seen, one sentence each (REQUIREMENTS.md B).
//!
//! A scenario is data with a short body ([`model`]). Its body works on a [`scene`], which speaks to a server over the
//! [`wire`]: in a simulated world of its own, or on a real server, and the body does not see which. The `runner` runs them
//! one by one, `digest` makes of what was observed what a result tells, and [`coverage`] says what of the published
//! documents was exercised. How it is told is [`crate::report`]'s matter.
//!
//! Each category has a file here with the list of its scenarios.

mod against;
mod attempt;
mod auth;
mod catalogue;
pub mod coverage;
mod digest;
mod errors;
mod feed;
mod limits;
mod load;
mod messaging;
pub mod model;
mod operation;
mod ordering;
mod pairing;
mod permissions;
mod presence;
mod quota;
mod recovery;
mod rooms;
mod runner;
pub mod scene;
mod suite;
mod threads;
mod uploads;
pub mod wire;

pub use against::AgainstError;
pub use catalogue::{Catalogue, CatalogueError};
pub use runner::{Place, RealPlace, run};
pub use suite::{Selection, SuiteReport, run_suite};
