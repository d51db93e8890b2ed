//! What the server gave its word for.

mod acknowledged;
mod statuses;

pub(crate) use acknowledged::Acknowledged;
pub(crate) use statuses::Statuses;
