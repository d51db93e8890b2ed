//! The Stormglass backend: companies, users, rooms and messages over REST and WebSocket, on a durable embedded store.

pub mod auth;
pub mod config;
pub mod domain;
pub mod platform;
pub mod protocol;
pub mod refusal;
pub mod store;
