//! A draft: what one operation wants to change, collected before anything is written.
//!
//! An operation reads through the draft, refuses, or leaves changes and events in it. A refusal drops the draft, so a
//! refused operation changes nothing, whichever way it took. An operation does not see its own changes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use sha2::{Digest, Sha256};
use tokio_tungstenite::tungstenite::Utf8Bytes;
use uuid::Uuid;

use super::StoreError;
use super::chunk::ChunkKey;
use super::key::{IdempotencyKey, Key, Prefix};
use super::log::{Announcement, Commit, CommitNumber};
use super::record::{Effect, IdempotencyRecord, StreamHead};
use super::view::View;
use crate::platform::Platform;
use crate::protocol::{Epoch, Event, EventBody, ServerFrame, SessionId, StreamId, Timestamp, UserId};

/// Who asks for an operation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Actor {
    /// The user.
    pub user: UserId,
    /// The login that they act by.
    pub session: SessionId,
}

/// The changes of one operation, not yet written.
pub struct Draft<'a> {
    view: View<'a>,
    platform: &'a dyn Platform,
    correlation_id: &'a str,
    now: Timestamp,
    pub(super) writes: Vec<(Vec<u8>, Option<Vec<u8>>)>,
    /// Prefixes of keys: all that is stored under them is removed before anything is written.
    pub(super) erased: Vec<Vec<u8>>,
    /// Streams that are over with the events appended here.
    pub(super) ended: BTreeSet<StreamId>,
    pub(super) chunks: Vec<(ChunkKey, Option<Vec<u8>>)>,
    pub(super) events: Vec<Event>,
    pub(super) announced: Vec<(StreamId, Utf8Bytes)>,
    pub(super) heads: BTreeMap<StreamId, StreamHead>,
}

impl<'a> Draft<'a> {
    pub(super) fn new(view: View<'a>, platform: &'a dyn Platform, correlation_id: &'a str) -> Self {
        Self {
            view,
            platform,
            correlation_id,
            now: platform.now(),
            writes: Vec::new(),
            erased: Vec::new(),
            ended: BTreeSet::new(),
            chunks: Vec::new(),
            events: Vec::new(),
            announced: Vec::new(),
            heads: BTreeMap::new(),
        }
    }

    /// The state that the operation decides on: every earlier operation is in it, none of its own changes.
    pub fn view(&self) -> &View<'a> {
        &self.view
    }

    /// The record under `key`, if there is one.
    ///
    /// # Errors
    /// The database fails, or the record is damaged.
    pub fn get<K: Key>(&self, key: &K) -> Result<Option<K::Value>, StoreError> {
        self.view.get(key)
    }

    /// When the operation happens, by the server's clock.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// A new identifier.
    pub fn new_uuid(&self) -> Uuid {
        self.platform.new_uuid()
    }

    /// Random bytes.
    pub fn random<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.platform.fill_random(&mut bytes);
        bytes
    }

    /// Stores `value` under `key`.
    pub fn put<K: Key>(&mut self, key: &K, value: &K::Value) {
        let bytes = serde_json::to_vec(value).expect("records have only string keys and finite numbers");
        self.writes.push((key.encode(), Some(bytes)));
    }

    /// Removes what is stored under `key`.
    pub fn delete<K: Key>(&mut self, key: &K) {
        self.writes.push((key.encode(), None));
    }

    /// Removes everything that is stored under keys with this prefix, however much it is.
    pub fn erase<P: Prefix>(&mut self, prefix: &P) {
        self.erased.push(prefix.encode());
    }

    /// Removes one of the rows that [`View::rows_after`] gave.
    pub fn erase_row(&mut self, key: Vec<u8>) {
        self.writes.push((key, None));
    }

    /// Ends a stream: what is appended to it here is delivered to its followers, as the last of it, and nothing of the
    /// stream is kept, neither its events nor how far it was.
    pub fn end_stream(&mut self, stream: StreamId) {
        self.ended.insert(stream);
    }

    /// Stores the bytes of a chunk: all that it is to hold from now on.
    pub fn put_chunk(&mut self, key: ChunkKey, bytes: &[u8]) {
        self.chunks.push((key, Some(key.row(bytes))));
    }

    /// Removes a chunk.
    pub fn delete_chunk(&mut self, key: ChunkKey) {
        self.chunks.push((key, None));
    }

    /// Has `frame` pushed to who follows `stream`, once the operation is durable and before its events. It has no
    /// position and may be dropped: what must arrive is an event.
    pub fn announce(&mut self, stream: StreamId, frame: &ServerFrame) {
        self.announced.push((stream, frame.to_text().into()));
    }

    /// Appends an event to `stream`, and gives its position. `body` is told it too.
    ///
    /// # Errors
    /// The database fails, or the stream's record is damaged.
    pub fn append(
        &mut self,
        stream: StreamId,
        sender: UserId,
        body: impl FnOnce(u64) -> EventBody,
    ) -> Result<u64, StoreError> {
        let head = match self.heads.get(&stream) {
            Some(head) => *head,
            None => match self.view.head(stream)? {
                Some(head) => head,
                None => StreamHead { seq: 0, epoch: Epoch(u32::from_be_bytes(self.random())) },
            },
        };
        let seq = head.seq + 1;
        self.heads.insert(stream, StreamHead { seq, ..head });
        self.events.push(Event {
            body: body(seq),
            stream,
            seq,
            epoch: head.epoch,
            sender,
            timestamp: self.now,
            correlation_id: self.correlation_id.to_owned(),
        });
        Ok(seq)
    }

    /// Runs `operation` once for each idempotency key of `scope`, in the operation's own transaction (PROTOCOL.md,
    /// promise 8). Without a key it runs each time. `request` is what must be equal when the key is used again.
    ///
    /// # Errors
    /// [`OnceError::Reused`] if the key came with another request; else what `operation` returns.
    pub fn once<T, E>(
        &mut self,
        scope: Uuid,
        name: &'static str,
        key: Option<&str>,
        request: &impl serde::Serialize,
        operation: impl FnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<Effect<T>, OnceError<E>>
    where
        T: serde::Serialize + serde::de::DeserializeOwned,
    {
        let Some(key) = key else { return operation(self).map(Effect::Done).map_err(OnceError::Operation) };
        let record_key = IdempotencyKey(scope, name, key.to_owned());
        let request_digest = digest(request);
        if let Some(record) = self.get(&record_key)? {
            if record.request_digest != request_digest {
                return Err(OnceError::Reused);
            }
            let answer = serde_json::from_str(&record.answer)
                .map_err(|error| StoreError::Damaged { key: key.to_owned(), reason: error.to_string() })?;
            return Ok(Effect::Repeated(answer));
        }
        let answer = operation(self).map_err(OnceError::Operation)?;
        let text = serde_json::to_string(&answer).expect("answers have only string keys and finite numbers");
        let record = IdempotencyRecord { request_digest, answer: text, created_at: self.now };
        self.put(&record_key, &record);
        Ok(Effect::Done(answer))
    }

    /// What is announced, to be told after the commit that was the `last` before this operation.
    pub(super) fn announcements(&mut self, last: CommitNumber) -> Vec<Announcement> {
        let announced = std::mem::take(&mut self.announced).into_iter();
        announced.map(|(stream, text)| Announcement { after: last, stream, text }).collect()
    }

    /// Numbers the events and serialises each once.
    pub(super) fn commits(&mut self, last: &mut CommitNumber) -> Vec<Commit> {
        std::mem::take(&mut self.events)
            .into_iter()
            .map(|event| {
                last.0 += 1;
                let text = Utf8Bytes::from(event.to_text());
                Commit { number: *last, event: Arc::new(event), text }
            })
            .collect()
    }
}

/// Why [`Draft::once`] gave no answer.
#[derive(Debug)]
pub enum OnceError<E> {
    /// The key was used with another request.
    Reused,
    /// The store failed.
    Store(StoreError),
    /// The operation itself refused.
    Operation(E),
}

impl<E> From<StoreError> for OnceError<E> {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

fn digest(request: &impl serde::Serialize) -> String {
    let text = serde_json::to_vec(request).expect("requests have only string keys and finite numbers");
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |value: u8| char::from(DIGITS[usize::from(value)]);
    Sha256::digest(text).iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}
