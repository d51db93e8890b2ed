//! The view for people: text with colours, which a terminal shows and everything else strips.

mod campaign;
mod determinism;
mod failure;
mod fuzz;
mod judged;
mod leaks;
mod lines;
mod load;
mod mutants;
mod own_error;
mod planted;
mod recovery;
mod replay;
mod requirements;
mod scenarios;
mod schemas;
pub mod style;
mod table;
mod verdicts;
mod worst;

pub use campaign::campaign;
pub use determinism::determinism;
pub use failure::failure;
pub use fuzz::fuzz;
pub use judged::judged;
pub use leaks::leaks;
pub use load::load;
pub use mutants::{mutants, mutation_score};
pub use own_error::own_error;
pub use planted::{planted, scoreboard};
pub use replay::{replay, story};
pub use scenarios::{scenario_failure, scenarios};
pub use schemas::schemas;
pub use style::plain;
pub use table::{Align, table};
pub use worst::worst;

pub(super) use campaign::{faults, headline, moments, nevers, next, operations, properties};
pub(super) use failure::window;
pub(super) use recovery::recovery;
pub(super) use requirements::requirements;
pub(super) use table::Rows;
