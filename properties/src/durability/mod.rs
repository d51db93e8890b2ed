//! What the server gave its word for.

mod acknowledged;

pub(crate) use acknowledged::Acknowledged;
