//! What must always hold of a real-time backend: pure functions from what was observed to a verdict.
//!
//! A [`trace`] is data: what devices sent, were answered, were pushed and believed, and what the server logged. A
//! [`Property`] reads it, through an [`Index`] that is built once, and says held, violated with the proof, or vacuous.
//! Nothing here does I/O, keeps state between runs, or knows the server's insides: only its wire types and its contract.

mod connections;
mod durability;
mod feed;
mod files;
mod ghosts;
mod index;
mod integrity;
mod judge;
mod latency;
mod limits;
mod liveness;
mod model;
mod once;
mod ordering;
mod presence;
mod property;
mod recovery;
mod rights;
mod server;
mod story;
pub mod telling;
mod tokens;
pub mod trace;

#[cfg(test)]
mod scene;

pub use index::Index;
pub use judge::{Judgement, check, check_all};
pub use property::{Evidence, Property, Verdict, Violation};

/// Every property. The nearer to a cause, the earlier: a report is headed by the first that is broken, and what is lost
/// or leaked says more than who noticed it.
pub fn all() -> &'static [&'static dyn Property] {
    &[
        &durability::Acknowledged,
        &durability::Statuses,
        &rights::Revocation,
        &rights::DeletedRooms,
        &rights::Expiry,
        &rights::Unauthorized,
        &rights::OwnerRemains,
        &tokens::Rotation,
        &tokens::EndedSessions,
        &connections::Welcomed,
        &connections::Replies,
        &connections::ExpiredClosed,
        &connections::Closing,
        &connections::Shutdown,
        &ordering::Gapless,
        &ordering::CommitOrder,
        &ordering::Cause,
        &ordering::SameForAll,
        &ordering::CatchUp,
        &ordering::Silent,
        &integrity::Messages,
        &integrity::ReadMarkers,
        &integrity::ThreadNotifications,
        &files::FileBytes,
        &files::Progress,
        &files::Quota,
        &once::Idempotency,
        &model::Serializable,
        &feed::LosslessOnce,
        &presence::Converges,
        &presence::Typing,
        &ghosts::EmptyRegistry,
        &ghosts::Counters,
        &ghosts::DeadConnections,
        &limits::Fair,
        &recovery::Within30s,
        &latency::Delivery,
        &latency::Answers,
        &liveness::Ends,
        &liveness::Quiet,
        &server::Healthy,
    ]
}

/// The property with a permanent name.
pub fn find(id: &str) -> Option<&'static dyn Property> {
    all().iter().copied().find(|property| property.id() == id)
}
