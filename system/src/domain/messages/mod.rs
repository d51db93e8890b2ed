//! Messages: send, edit, delete, find, search.

mod change;
mod find;
mod search;
mod send;

pub use change::{delete, edit};
pub(super) use find::{find, newest};
pub use find::{get, list};
pub use search::{SearchLimits, search};
pub use send::send;
