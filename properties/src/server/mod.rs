//! How the server's own process does.

mod excuse;
mod healthy;

pub(crate) use healthy::Healthy;
