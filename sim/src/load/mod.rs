//! Load on a real server, over real sockets: how fast, how much memory, how many at once.
//!
//! The server is the release build of the `stormglass` program in a process of its own, on a fresh directory of a real
//! disk, so its memory and processor time are its own and not those of whoever measures. The load comes from this
//! process by one thread, from several addresses of the loopback network. Nothing is simulated here and nothing is
//! repeatable to the byte; figures are compared with bounds and with each other, never with another machine's.

mod company;
mod figure;
mod listener;
pub mod parts;
mod percentiles;
mod sender;
mod server_process;

pub use figure::{Bound, BoundKind, Figure, LoadReport, PartReport};
pub use parts::{Part, Sizes, run};
pub use percentiles::Percentiles;
pub use server_process::ServerError;
pub(crate) use server_process::{Program, ServerProcess};

/// Why a measurement gave no figures.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The server did not start, or ended.
    #[error(transparent)]
    Server(#[from] ServerError),
    /// The server refused a call of the preparation.
    #[error("preparing the load: {0}")]
    Call(#[from] system::client::CallError),
    /// A connection did not come about, or broke.
    #[error("connection {ordinal} {what}: {reason}; `ulimit -n` must allow one file for each connection")]
    Connection {
        /// Which, counted from 0.
        ordinal: usize,
        /// What it was about to do.
        what: &'static str,
        /// What went wrong.
        reason: String,
    },
    /// Something did not happen in time.
    #[error("{0} did not happen within {1} s")]
    Late(&'static str, u64),
}
