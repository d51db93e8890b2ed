//! What the two halves of a connection share: whose it is, how long its token is good for, when it was last heard.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use crate::app::App;
use crate::domain::rights::is_expired;
use crate::hub::ConnectionHandle;
use crate::protocol::{ErrorReply, RoomId, ServerFrame, Timestamp};
use crate::refusal::Refusal;

/// What the reading and the writing half of a connection share.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) app: App,
    pub(super) handle: Arc<ConnectionHandle>,
    greeted: AtomicBool,
    token_expires_at: AtomicI64,
    last_heard: Mutex<Instant>,
    token_changed: Notify,
    /// When it was last passed on that the user types, for the rooms where that was a moment ago.
    typed: Mutex<BTreeMap<RoomId, Instant>>,
}

impl Session {
    /// The session of a connection that has just been registered.
    pub(super) fn new(app: App, handle: Arc<ConnectionHandle>, token_expires_at: Timestamp) -> Self {
        Self {
            app,
            handle,
            greeted: AtomicBool::new(false),
            token_expires_at: AtomicI64::new(token_expires_at.0),
            last_heard: Mutex::new(Instant::now()),
            token_changed: Notify::new(),
            typed: Mutex::default(),
        }
    }

    /// Whether `hello` was answered.
    pub(super) fn is_greeted(&self) -> bool {
        self.greeted.load(Ordering::Relaxed)
    }

    /// `hello` is answered.
    pub(super) fn greet(&self) {
        self.greeted.store(true, Ordering::Relaxed);
    }

    /// Something came from the client.
    pub(super) fn hear(&self) {
        *self.last_heard.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    /// When something last came from the client.
    pub(super) fn last_heard(&self) -> Instant {
        *self.last_heard.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether it is to be passed on that the user types in a room: not more often than each `interval`.
    pub(super) fn may_type(&self, room: RoomId, interval: Duration) -> bool {
        let now = Instant::now();
        let mut typed = self.typed.lock().unwrap_or_else(PoisonError::into_inner);
        typed.retain(|_, last| now < *last + interval);
        let may = !typed.contains_key(&room);
        typed.entry(room).or_insert(now);
        may
    }

    /// Queues the reply to a command.
    pub(super) fn reply(&self, frame: &ServerFrame) {
        self.handle.queue.push_reply(frame.to_text().into());
    }

    /// Queues an `error` frame.
    pub(super) fn refuse(&self, id: Option<String>, refusal: &Refusal) {
        self.refuse_as(id, refusal, self.app.platform.new_uuid().to_string());
    }

    /// Queues an `error` frame under a correlation id.
    pub(super) fn refuse_as(&self, id: Option<String>, refusal: &Refusal, correlation_id: String) {
        let reply = ErrorReply {
            code: refusal.code,
            message: refusal.detail.clone(),
            temporary: refusal.code.temporary(),
            retry_after_ms: refusal.code.temporary().then_some(refusal.retry_after_ms.unwrap_or(1_000)),
            correlation_id,
        };
        self.handle.queue.push_reply(ServerFrame::Error(id, reply).to_text().into());
    }

    /// When the connection's token ends.
    pub(super) fn token_expires_at(&self) -> Timestamp {
        Timestamp(self.token_expires_at.load(Ordering::Relaxed))
    }

    /// Puts another token under the connection.
    pub(super) fn set_token_expires_at(&self, expires_at: Timestamp) {
        self.token_expires_at.store(expires_at.0, Ordering::Relaxed);
        self.token_changed.notify_one();
    }

    /// Resolves when another token was put under the connection.
    pub(super) async fn token_changed(&self) {
        self.token_changed.notified().await;
    }

    /// Whether nothing may be delivered any more.
    pub(super) fn token_is_over(&self) -> bool {
        is_expired(self.token_expires_at(), self.app.platform.now())
    }

    /// When to look at the token again: for the warning, then for its end.
    pub(super) fn token_timer(&self, warned_of: Option<Timestamp>) -> Instant {
        let expires_at = self.token_expires_at();
        let until_end_ms = expires_at.ms_since(self.app.platform.now());
        let wait_ms = if warned_of == Some(expires_at) { until_end_ms } else { self.ms_until_warning() };
        Instant::now() + Duration::from_millis(wait_ms)
    }

    /// The warning comes 60 s before the end, or halfway for tokens that are shorter (PROTOCOL.md, promise 7).
    pub(super) fn ms_until_warning(&self) -> u64 {
        let auth = &self.app.config.auth;
        let warning_ms = auth.expiry_warning_ms.min(auth.access_token_ms / 2);
        self.token_expires_at().ms_since(self.app.platform.now()).saturating_sub(warning_ms)
    }
}
