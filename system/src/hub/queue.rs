//! What waits to be sent to one client: bounded in bytes, so that a slow reader costs a known amount of memory and
//! slows nobody (PROTOCOL.md, promise 11; WS-16).

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::Utf8Bytes;

use crate::metrics::FrameKind;
use crate::protocol::{CloseCode, ServerFrame, StreamId, UserId};

/// The queue of one connection.
#[derive(Debug)]
pub struct Queue {
    inner: Mutex<Inner>,
    ready: Notify,
    limit_bytes: usize,
}

#[derive(Debug, Default)]
struct Inner {
    frames: VecDeque<Frame>,
    bytes: usize,
    /// The newest presence of each user that found no room: conflated rather than dropped, and bounded by the number of
    /// the company's users. Their texts are shared by all connections.
    presences: BTreeMap<UserId, Frame>,
    closing: Option<Closing>,
}

/// One text frame that waits.
#[derive(Clone, Debug)]
pub struct Frame {
    /// Its text.
    pub text: Utf8Bytes,
    /// Whose data it holds: it is dropped when the right to that stream is lost.
    pub stream: Option<StreamId>,
    /// What it is to those who measure.
    pub kind: FrameKind,
    /// Since when it waits.
    pub queued_at: Instant,
}

impl Frame {
    fn new(kind: FrameKind, stream: Option<StreamId>, text: Utf8Bytes) -> Self {
        Self { text, stream, kind, queued_at: Instant::now() }
    }
}

/// How a connection is to end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Closing {
    /// The close code.
    pub code: CloseCode,
    /// When the client should come back, if it should.
    pub retry_after_ms: u64,
    /// Nothing that waits is sent any more.
    at_once: bool,
}

/// What the connection's task does next.
#[derive(Clone, Debug)]
pub enum Next {
    /// Send this.
    Frame(Frame),
    /// End.
    Close(Closing),
}

impl Closing {
    /// Ends a connection without sending what waits: the right to it is gone, or the client does not read.
    pub fn at_once(code: CloseCode) -> Self {
        Self { code, retry_after_ms: 0, at_once: true }
    }

    /// Ends a connection after everything that waits was sent.
    pub fn after_queue(code: CloseCode, retry_after_ms: u64) -> Self {
        Self { code, retry_after_ms, at_once: false }
    }
}

impl Queue {
    /// An empty queue that holds up to `limit_bytes`.
    pub fn new(limit_bytes: usize) -> Self {
        Self { inner: Mutex::default(), ready: Notify::new(), limit_bytes }
    }

    /// How many bytes may wait.
    pub fn limit_bytes(&self) -> usize {
        self.limit_bytes
    }

    /// How many bytes wait.
    pub fn bytes(&self) -> usize {
        self.lock().bytes
    }

    /// Queues an event of a stream.
    pub fn push_event(&self, stream: StreamId, text: Utf8Bytes) {
        self.add(Frame::new(FrameKind::Event, Some(stream), text));
    }

    /// Queues a frame about a stream, with data of it.
    pub fn push_state(&self, stream: StreamId, text: Utf8Bytes) {
        self.add(Frame::new(FrameKind::Reply, Some(stream), text));
    }

    /// Queues a frame that holds no stream's data.
    pub fn push_reply(&self, text: Utf8Bytes) {
        self.add(Frame::new(FrameKind::Reply, None, text));
    }

    /// Queues a frame that may be dropped: past half of the limit it is. Tells whether it was not.
    #[must_use]
    pub fn push_ephemeral(&self, stream: StreamId, text: Utf8Bytes) -> bool {
        let has_room = self.lock().bytes <= self.limit_bytes / 2;
        if has_room {
            self.add(Frame::new(FrameKind::Ephemeral, Some(stream), text));
        }
        has_room
    }

    /// Queues how a user looks. Past half of the limit only the newest of each user waits, and is sent when there is room
    /// again: what a client knows of others converges however slowly it reads (REQUIREMENTS.md IT-6).
    pub fn push_presence(&self, stream: StreamId, user: UserId, text: Utf8Bytes) {
        let mut inner = self.lock();
        // An older one that waits must not come after a newer one that does not.
        if inner.bytes > self.limit_bytes / 2 || inner.presences.contains_key(&user) {
            if inner.closing.is_none() {
                inner.presences.insert(user, Frame::new(FrameKind::Presence, Some(stream), text));
            }
            drop(inner);
            // The last frame may have been taken meanwhile.
            self.ready.notify_one();
            return;
        }
        drop(inner);
        self.add(Frame::new(FrameKind::Presence, Some(stream), text));
    }

    /// Drops everything that holds data of a stream.
    pub fn purge(&self, stream: StreamId) {
        let mut inner = self.lock();
        inner.frames.retain(|frame| frame.stream != Some(stream));
        inner.presences.retain(|_, frame| frame.stream != Some(stream));
        inner.bytes = inner.frames.iter().map(|frame| frame.text.len()).sum();
    }

    /// Ends the connection. The first reason counts, but ending at once overrules ending after the queue.
    pub fn close(&self, closing: Closing) {
        let mut inner = self.lock();
        match inner.closing {
            Some(earlier) if earlier.at_once || !closing.at_once => return,
            _ => inner.closing = Some(closing),
        }
        if closing.at_once {
            inner.frames.clear();
            inner.presences.clear();
            inner.bytes = 0;
        } else {
            let text = ServerFrame::Closing(crate::protocol::Closing {
                code: closing.code.number(),
                reconnect: CloseCode::reconnect(closing.code.number()),
                retry_after_ms: closing.retry_after_ms,
            })
            .to_text();
            inner.frames.push_back(Frame::new(FrameKind::Reply, None, text.into()));
        }
        drop(inner);
        self.ready.notify_one();
    }

    /// Takes what comes next; waits for it if there is nothing. Cancelling loses nothing.
    pub async fn next(&self) -> Next {
        loop {
            if let Some(next) = self.take() {
                return next;
            }
            self.ready.notified().await;
        }
    }

    /// Takes what comes next, if anything waits.
    pub fn take(&self) -> Option<Next> {
        let mut inner = self.lock();
        while inner.bytes <= self.limit_bytes / 2
            && inner.closing.is_none()
            && let Some((_, frame)) = inner.presences.pop_first()
        {
            inner.bytes += frame.text.len();
            inner.frames.push_back(frame);
        }
        if let Some(frame) = inner.frames.pop_front() {
            inner.bytes = inner.bytes.saturating_sub(frame.text.len());
            return Some(Next::Frame(frame));
        }
        inner.closing.map(Next::Close)
    }

    fn add(&self, frame: Frame) {
        let mut inner = self.lock();
        if inner.closing.is_some() {
            return;
        }
        inner.bytes += frame.text.len();
        inner.frames.push_back(frame);
        let full = inner.bytes > self.limit_bytes;
        drop(inner);
        if full {
            self.close(Closing::at_once(CloseCode::SlowConsumer));
        }
        self.ready.notify_one();
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::RoomId;
    use uuid::Uuid;

    fn stream(number: u128) -> StreamId {
        StreamId::Room(RoomId(Uuid::from_u128(number)))
    }

    #[tokio::test]
    async fn a_lost_right_takes_its_frames_and_only_those() {
        let queue = Queue::new(1_000);
        queue.push_event(stream(1), "one".into());
        queue.push_event(stream(2), "two".into());
        queue.push_reply("reply".into());
        queue.purge(stream(1));
        assert_eq!(queue.bytes(), 8);
        let Next::Frame(first) = queue.next().await else { panic!("a frame waits") };
        assert_eq!(first.text.as_str(), "two");
    }

    #[tokio::test]
    async fn a_full_queue_ends_the_connection_and_frees_its_memory() {
        let queue = Queue::new(10);
        queue.push_event(stream(1), "12345678".into());
        let queued = queue.push_ephemeral(stream(1), "x".into());
        assert!(!queued && queue.bytes() == 8, "past half, ephemeral frames are dropped");
        queue.push_event(stream(1), "12345678".into());
        assert_eq!(queue.bytes(), 0);
        let Next::Close(closing) = queue.next().await else { panic!("it ends") };
        assert_eq!(closing.code, CloseCode::SlowConsumer);
        queue.push_event(stream(1), "late".into());
        assert_eq!(queue.bytes(), 0, "nothing is queued for a connection that ends");
    }

    #[tokio::test]
    async fn of_the_presence_that_finds_no_room_the_newest_of_each_user_is_sent() {
        let queue = Queue::new(20);
        let (ana, ben) = (UserId(Uuid::from_u128(1)), UserId(Uuid::from_u128(2)));
        queue.push_event(stream(1), "123456789012".into());
        for (user, text) in [(ben, "ben 1"), (ana, "ana 1"), (ben, "ben 2"), (ana, "ana 2"), (ben, "ben 3")] {
            queue.push_presence(stream(9), user, text.into());
        }
        assert_eq!(queue.bytes(), 12, "past half, none of it waits in line");
        let mut sent = Vec::new();
        while let Some(Next::Frame(frame)) = queue.take() {
            sent.push(frame.text.as_str().to_owned());
        }
        assert_eq!(sent, ["123456789012", "ana 2", "ben 3"]);
        queue.push_presence(stream(9), ana, "ana 3".into());
        assert!(matches!(queue.take(), Some(Next::Frame(frame)) if frame.text.as_str() == "ana 3"));
    }

    #[tokio::test]
    async fn a_shutdown_sends_what_waits_first() {
        let queue = Queue::new(1_000);
        queue.push_reply("reply".into());
        queue.close(Closing::after_queue(CloseCode::ServiceRestart, 5));
        let Next::Frame(first) = queue.next().await else { panic!("a frame waits") };
        assert_eq!(first.text.as_str(), "reply");
        let Next::Frame(second) = queue.next().await else { panic!("the announcement waits") };
        assert!(second.text.as_str().contains(r#""type":"closing""#));
        assert!(matches!(queue.next().await, Next::Close(_)));
    }
}
