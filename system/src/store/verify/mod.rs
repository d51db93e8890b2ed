//! `stormglass verify`: reads everything, and says what is wrong with it.
//!
//! redb checks its pages when the database is opened; here is what only we can know: that the log is gapless and its
//! heads are its ends, that every record can be read and lies where it belongs, that indexes and objects name each
//! other. Each kind of record has its check in the file of its resource; the list in `kinds.rs` is exhaustive, so a new
//! kind does not compile without one.

mod accounts;
mod chunks;
mod feed;
mod files;
mod findings;
mod idempotency;
mod invitations;
mod kinds;
mod log;
mod look;
mod messages;
mod rooms;
mod run;
mod server;
mod statuses;
mod streams;
mod threads;

pub use findings::{Counted, Findings};
pub use run::verify;
