//! Connections: how they begin, what they answer, and why they end.

mod closing;
mod expired_closed;
mod replies;
mod shutdown;
mod welcome;

pub(crate) use closing::Closing;
pub(crate) use expired_closed::ExpiredClosed;
pub(crate) use replies::Replies;
pub(crate) use shutdown::Shutdown;
pub(crate) use welcome::Welcomed;
