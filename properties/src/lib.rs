//! What must always hold of a real-time backend: pure functions from what was observed to a verdict.
//!
//! A [`trace`] is data: what devices sent, were answered, were pushed and believed, and what the server logged. A
//! [`Property`] reads it, through an [`Index`] that is built once, and says held, violated with the proof, or vacuous.
//! Nothing here does I/O, keeps state between runs, or knows the server's insides: only its wire types and its contract.

mod durability;
mod feed;
mod files;
mod ghosts;
mod index;
mod integrity;
mod judge;
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
pub mod trace;

#[cfg(test)]
mod scene;

pub use index::Index;
pub use judge::{Judgement, check_all};
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
        &ordering::Gapless,
        &ordering::CommitOrder,
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
        &recovery::Within30s,
        &liveness::Ends,
        &liveness::Quiet,
        &server::Healthy,
    ]
}

/// The property with a permanent name.
pub fn find(id: &str) -> Option<&'static dyn Property> {
    all().iter().copied().find(|property| property.id() == id)
}
