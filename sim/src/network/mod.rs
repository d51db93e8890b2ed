//! The Internet between the devices and the server (DESIGN §4).
//!
//! turmoil carries the bytes, at once and without loss; the [`Wire`] around each of its streams makes weather of that:
//! latency, loss, cuts, stalls, resets, slow readers, boxes that forget, a server that dies. A wire is driven by whoever polls it and has no task of its own.
//! Nothing here knows WebSockets or HTTP, and nothing here decides when the weather changes: the world does, by
//! [`Weather`].

mod condition;
mod connect;
mod connection;
mod effect;
mod lane;
mod link;
mod pieces;
mod retransmission;
mod send_buffer;
mod server_end;
mod server_state;
#[cfg(test)]
mod tests;
mod wakers;
mod weather;
mod wire;

pub use condition::Condition;
pub use effect::FaultEffect;
pub use server_end::ServerEnd;
pub use weather::Weather;
pub use wire::Wire;
