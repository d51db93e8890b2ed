//! The copy of every stream that a client follows: pure, fed with what the server says, asked what it adds up to.
//!
//! [`Replicas`] is the whole; `stream` keeps one stream contiguous across pushes and snapshots; `state` applies what
//! one event says. What does not fit is never hidden: it comes back as a [`ReplicaError`], and the stream waits for
//! a snapshot from then on.

mod error;
mod replicas;
mod said;
mod state;
mod stream;

#[cfg(test)]
mod tests;

pub use error::ReplicaError;
pub use replicas::Replicas;
pub use stream::{Applied, Installed, Replica};
