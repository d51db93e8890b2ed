//! What was observed in one run: data, in the order in which it was observed, and nothing judged yet.
//!
//! A trace is written by whoever ran the history (the simulated world) and read by the properties. It knows the wire
//! types of the backend and nothing of the backend's insides, nor of the world's. All of it can be written as JSON and read
//! again without a loss: whoever keeps a trace can judge it later. Files are the simulation's matter.

mod belief;
mod entry;
mod fault;
mod frame;
mod idle;
mod observation;
mod phase;
mod server;

pub use belief::{Belief, Replica, SeenPresence};
pub use entry::{At, Entry, Trace};
pub use fault::{Concern, FaultChange, FaultKind};
pub use frame::Received;
pub use idle::Idle;
pub use observation::{DeviceName, Observation, Word};
pub use phase::Phase;
pub use server::ServerChange;
