//! The Stormglass backend: companies, users, rooms and messages over REST and WebSocket, on a durable embedded store.
//!
//! A map of the code, in the direction of its arrows:
//!
//! - [`protocol`]: the contract on the wire, as types;
//! - [`platform`]: the one seam to the outside world;
//! - [`config`]: every interval, size and limit;
//! - [`store`]: the database, its one writer, and the log of events;
//! - [`auth`]: passwords and signed tokens;
//! - [`domain`]: what the backend does, as decisions over the store;
//! - [`feed`]: conversation files that become rooms and messages;
//! - [`limits`]: how much one may ask for;
//! - [`metrics`]: what the server counts and measures of itself;
//! - [`hub`]: the live connections, and how a commit reaches them;
//! - `http`, `api`, `websocket`: the edges;
//! - [`schema`]: the published documents, made from the types of `protocol` and the handlers of `api`;
//! - `sweeper`: removes what was kept long enough;
//! - [`server`]: puts them together and serves a listener;
//! - [`program`]: the `stormglass` binary around it, with its subcommands;
//! - [`client`]: the other side of the wire, for users of the backend in Rust.

mod api;
pub mod app;
pub mod auth;
pub mod client;
pub mod config;
pub mod domain;
pub mod feed;
mod file_sweeper;
mod http;
pub mod hub;
pub mod limits;
pub mod metrics;
pub mod platform;
pub mod program;
pub mod protocol;
pub mod refusal;
pub mod schema;
pub mod server;

pub mod store;
mod sweeper;
mod websocket;

pub use config::Config;
pub use server::{PeerAddress, ServeError, Server, StartError};
