//! Messages: send, edit, delete, find, search.

mod change;
mod find;
mod search;
mod send;

pub use change::{delete, edit};
pub(super) use change::{erase, rewrite};
pub(super) use find::{find, newest};
pub use find::{get, list};
pub use search::{SearchLimits, search};
pub(super) use send::say;
pub use send::send;
