//! The client of the backend: REST and one resumable WebSocket, over any transport.
//!
//! [`Client`] keeps a copy of every stream that its user may follow, finds back by itself after whatever goes wrong,
//! and carries each operation to a definite answer under one idempotency key. [`Rest`] alone, with one typed call for
//! each endpoint, is for setup code and tools that need no live connection.
//!
//! It is not a cache on disk: what a client knows ends with its process. It reads no clock and draws no random number
//! but through the [`Platform`](crate::platform::Platform); its timers are tokio's.

mod backoff;
mod belief;
mod calls;
mod calls_file;
mod calls_message;
mod calls_people;
mod calls_presence;
mod calls_room;
mod config;
mod connector;
mod conversation;
mod errand;
mod handle;
mod keeper;
mod login;
mod observer;
mod operation;
mod operation_request;
mod operation_words;
mod outbox;
mod presence;
mod query;
mod replica;
mod rest;
mod session;
mod shared;
mod socket;
mod told;
mod upload;
mod wish;
mod worker;

pub use belief::{Belief, Standing};
pub use calls::CallError;
pub use config::{ClientConfig, Timing};
pub use connector::{Connector, Purpose, TcpConnector};
pub use handle::Client;
pub use login::SavedLogin;
pub use observer::{Observer, Unobserved};
pub use operation::{Operation, Outcome, Pending, Refusal};
pub use presence::WhoIsThere;
pub use replica::{Applied, Installed, Replica, ReplicaError, Replicas};
pub use rest::{Answer, Exchange, Method, Request, Rest};
pub use told::{ToldCreation, ToldPiece, ToldRange, described};
pub use upload::Upload;
