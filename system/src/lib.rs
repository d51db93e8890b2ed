//! The Stormglass backend: companies, users, rooms and messages over REST and WebSocket, on a durable embedded store.

pub mod client;
pub mod platform;
pub mod protocol;
