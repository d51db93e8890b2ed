//! The WebSocket side: the handshake, a connection's life, and what its commands do.

mod attributes;
mod chain;
mod chunks;
mod connection;
mod conversing;
mod handshake;
mod joining;
mod pace;
mod perform;
mod presenting;
mod said;
mod session;
mod socket;
mod upgrade;
mod wire;

pub(crate) use handshake::routes;
pub(crate) use upgrade::Upgrade;
