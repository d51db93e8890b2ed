//! What the tests of peers share: finding a program, and a server for it.

mod peer;
mod stage;

pub use peer::{find, run};
pub use stage::Stage;
