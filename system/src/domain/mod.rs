//! What the backend does, as decisions over a draft or a view: no HTTP, no WebSocket, no waiting.
//!
//! REST and WebSocket call the same operations, so a rule is written once. Every operation that acts for somebody
//! checks their rights in its own transaction (PROTOCOL.md, promise 6).

pub mod accounts;
pub mod bounds;
mod changed;
pub mod feed;
pub mod files;
pub mod invitations;
pub mod members;
pub mod messages;
pub mod paging;
pub mod profile;
pub mod reads;
pub mod rights;
pub mod rooms;
pub mod sessions;
pub mod signing;
pub mod status;
pub mod streams;
pub mod sweep;
pub mod threads;
mod unread;
pub mod users;

pub use changed::{Changed, Expected};
