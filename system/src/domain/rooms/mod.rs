//! Rooms: create, find, change, delete.

mod change;
mod create;
mod delete;
mod find;

pub(super) use change::change;
pub use change::{archive, unarchive, update};
pub(super) use create::add;
pub use create::create;
pub use delete::delete;
pub(super) use find::public_rooms;
pub use find::{get, list};
