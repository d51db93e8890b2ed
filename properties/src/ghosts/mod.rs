//! What must be gone when everybody is.

mod counters;
mod dead_connections;
mod empty_registry;

pub(crate) use counters::Counters;
pub(crate) use dead_connections::DeadConnections;
pub(crate) use empty_registry::EmptyRegistry;
