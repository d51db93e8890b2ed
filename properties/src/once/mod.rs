//! That trying again does no harm.

mod idempotency;

pub(crate) use idempotency::Idempotency;
