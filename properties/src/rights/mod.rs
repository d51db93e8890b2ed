//! Who may see and do what.

mod expiry;
mod revocation;
mod unauthorized;

pub(crate) use expiry::Expiry;
pub(crate) use revocation::Revocation;
pub(crate) use unauthorized::Unauthorized;
