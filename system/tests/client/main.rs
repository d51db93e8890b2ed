//! The client against a server that the test plays itself, in paused time.

mod fake_server;
mod following;
mod objects;
mod outbox;
mod reconnect;
mod rest;
mod resume;
mod session;
mod world;
