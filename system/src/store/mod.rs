//! The durable store: one redb database, one writer with shared commits, and the log of events inside it.
//!
//! Every mutation is one decision of the writer: it reads, refuses or drafts changes **and** their events, and is
//! answered only after the commit that holds both is durable (DESIGN.md §6). Nothing here knows of HTTP, WebSockets
//! or rights.

pub mod backup;
mod chunk;
mod database;
mod draft;
pub mod key;
mod keyring;
mod log;
mod memo;
mod newest;
mod record;
mod state_table;
mod store_error;
pub mod verify;
mod view;
mod writer;

pub use chunk::{CHUNK_BYTES, ChunkKey};
pub(crate) use database::open;
pub use database::{FORMAT, OpenError};
pub use draft::{Actor, Draft, OnceError};
pub use keyring::{KeyRecord, KeyringRecord, MOST_KEYS, SECRET_BYTES, TooManyKeys};
pub use log::{Announcement, Commit, CommitNumber, LogSlice};
pub(crate) use newest::Newest;
pub use record::{
    DiscardedRecord, Effect, FeedConversation, FeedLine, FeedState, IdempotencyRecord, InvitationRecord, QuotaRecord,
    SessionRecord, StreamHead, UserRecord,
};
pub use store_error::StoreError;
pub use view::{Row, View};
pub use writer::{CommitSink, Store};
