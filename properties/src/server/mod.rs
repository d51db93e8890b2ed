//! How the server's own process does.

mod healthy;

pub(crate) use healthy::Healthy;
