//! The log of events: each stream gapless from 1, and one number over all streams that orders them.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tokio_tungstenite::tungstenite::Utf8Bytes;

use super::StoreError;
use super::key::{LastCommitKey, StreamKey, log_key};
use super::record::StreamHead;
use super::view::View;
use crate::protocol::{Epoch, Event, Position, StreamId};

/// Counts the events of all streams in the order of their commits. Orders what one client follows across streams.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CommitNumber(pub u64);

/// A committed event: what subscribers get, serialised once.
#[derive(Clone, Debug)]
pub struct Commit {
    /// Its place among the events of all streams.
    pub number: CommitNumber,
    /// The event.
    pub event: Arc<Event>,
    /// Its text frame, shared by all who get it.
    pub text: Utf8Bytes,
}

/// Something ephemeral that an operation has pushed with its commit.
#[derive(Clone, Debug)]
pub struct Announcement {
    /// The newest event of all streams before the operation: it is pushed after that one and before the next.
    pub after: CommitNumber,
    /// Whose followers get it.
    pub stream: StreamId,
    /// Its text frame, shared by all who get it.
    pub text: Utf8Bytes,
}

/// What came after a position of a stream.
#[derive(Clone, Debug)]
pub struct LogSlice {
    /// Contiguous from right after the position asked for.
    pub commits: Vec<Commit>,
    /// How far the stream is.
    pub head: StreamHead,
}

/// A row of the log. The text is kept as it was first sent: a replay is equal to the byte.
#[derive(Serialize, Deserialize)]
struct LogRow<'a> {
    number: CommitNumber,
    #[serde(borrow)]
    event: &'a serde_json::value::RawValue,
}

impl Commit {
    /// The row under [`log_key`].
    pub(super) fn to_row(&self) -> Vec<u8> {
        format!(r#"{{"number":{},"event":{}}}"#, self.number.0, self.text.as_str()).into_bytes()
    }

    /// The same in another history of its stream.
    pub(super) fn with_epoch(&self, epoch: Epoch) -> Self {
        let event = Event { epoch, ..(*self.event).clone() };
        let text = Utf8Bytes::from(event.to_text());
        Self { number: self.number, event: Arc::new(event), text }
    }

    pub(super) fn from_row(key: &[u8], row: &[u8]) -> Result<Self, StoreError> {
        let damaged = |error: serde_json::Error| StoreError::Damaged {
            key: String::from_utf8_lossy(key).escape_default().to_string(),
            reason: error.to_string(),
        };
        let LogRow { number, event } = serde_json::from_slice(row).map_err(damaged)?;
        let text = Utf8Bytes::from(event.get());
        let event = Arc::new(serde_json::from_str(event.get()).map_err(damaged)?);
        Ok(Self { number, event, text })
    }
}

impl View<'_> {
    /// How far `stream` is; `None` if nothing ever happened in it.
    ///
    /// # Errors
    /// The database fails, or the record is damaged.
    pub fn head(&self, stream: StreamId) -> Result<Option<StreamHead>, StoreError> {
        self.get(&StreamKey(stream))
    }

    /// The number of the newest event of all streams.
    ///
    /// # Errors
    /// The database fails, or the record is damaged.
    pub fn last_commit(&self) -> Result<CommitNumber, StoreError> {
        Ok(CommitNumber(self.get(&LastCommitKey())?.unwrap_or(0)))
    }

    /// At most `limit` events of `stream` after `after`.
    ///
    /// # Errors
    /// The database fails, or a row is damaged.
    pub fn events_after(&self, stream: StreamId, after: u64, limit: usize) -> Result<Vec<Commit>, StoreError> {
        let first = log_key(stream, after.saturating_add(1));
        let end = log_key(stream, u64::MAX);
        self.scan_log(&first, &end, limit, Commit::from_row)
    }

    /// All events of `stream` after `position`, or `None` if the position is of another history or ahead of it.
    /// Reads at most `limit` + 1 events: more than `limit` is for the caller to refuse.
    ///
    /// # Errors
    /// The database fails, or a row is damaged.
    pub fn slice_after(
        &self,
        stream: StreamId,
        position: Position,
        limit: usize,
    ) -> Result<Option<LogSlice>, StoreError> {
        let Some(head) = self.head(stream)? else { return Ok(None) };
        if head.epoch != position.epoch || position.seq > head.seq {
            return Ok(None);
        }
        let commits = self.events_after(stream, position.seq, limit.saturating_add(1))?;
        let contiguous = commits.iter().zip(position.seq + 1..).all(|(commit, seq)| commit.event.seq == seq);
        Ok(contiguous.then_some(LogSlice { commits, head }))
    }
}
