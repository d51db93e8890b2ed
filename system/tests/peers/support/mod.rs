//! What the tests of peers share: finding a program, and a server for it.

mod peer;
mod stage;

pub use peer::{installed, of_the_machine, run, run_within};
pub use stage::{EMAIL, OPERATOR_TOKEN, PASSWORD, Stage};
