//! A trace, indexed once so that every property can ask it cheap questions.
//!
//! An [`Index`] is built in one pass over the trace. It holds what was observed in the order that properties need it:
//! by connection, by request, by stream and position, and by who had which right when. It judges nothing.
//!
//! *Entries* are places in [`Trace::entries`](crate::trace::Trace): because a run is one thread, an earlier entry
//! happened before a later one, even where the two hosts' clocks disagree. That order is the properties' time.

mod build;
mod connection;
mod files;
mod log;
mod operation;
mod request;
mod rights;
mod sendings;
mod timeline;
mod tokens;
mod troubles;
mod versions;

pub use build::Index;
pub(crate) use connection::{Chunk, Connection, Frame, Seen};
pub(crate) use files::{Files, LoggedFile};
pub(crate) use log::{Log, Span, StreamLog};
pub(crate) use operation::Operation;
pub(crate) use request::{Answer, Request};
pub(crate) use rights::{Condition, Rights, Standing};
pub(crate) use sendings::Sendings;
pub(crate) use timeline::{Change, Timeline, Window};
pub(crate) use tokens::{Ended, Handed, Refresh, Sessions};
pub(crate) use troubles::{APART_MS, Troubles};
pub(crate) use versions::Versions;
