//! The WebSocket on a real socket: handshake, frames, patience, rights, resume (PROTOCOL.md, "WebSocket").

mod expiry;
mod frames;
mod handshake;
mod heartbeat;
mod resume;
mod revocation;
mod slow_reader;
mod subscriptions;
mod tenants;
