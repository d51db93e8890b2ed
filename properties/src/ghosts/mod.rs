//! What must be gone when everybody is.

mod empty_registry;

pub(crate) use empty_registry::EmptyRegistry;
