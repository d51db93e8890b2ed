//! What a client is told when it starts. The intervals are PROTOCOL.md's; tests shorten them.

use std::time::Duration;

/// Who a client is and how patient.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ClientConfig {
    /// The user's email.
    pub email: String,
    /// The user's password: it is used again when the session can no longer be refreshed.
    pub password: String,
    /// A name for the device, 1 to 100 characters.
    pub device: String,
    /// How patient.
    pub timing: Timing,
    /// How many of a room's newest messages the copy keeps: as many as a snapshot of the server holds.
    pub messages_limit: usize,
}

impl ClientConfig {
    /// A client of this user with the protocol's own intervals.
    pub fn new(email: impl Into<String>, password: impl Into<String>, device: impl Into<String>) -> Self {
        Self {
            email: email.into(),
            password: password.into(),
            device: device.into(),
            timing: Timing::default(),
            messages_limit: 100,
        }
    }
}

/// How long a client waits for what.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Timing {
    /// For a connection to come about, and as long again for its upgrade to a WebSocket.
    pub connect_timeout_ms: u64,
    /// For the whole answer to a request, and for the `welcome`.
    pub request_timeout_ms: u64,
    /// For anything at all on the WebSocket before it counts as dead.
    pub silence_ms: u64,
    /// The upper end of the first backoff; it doubles from there.
    pub backoff_first_ms: u64,
    /// The most that a backoff takes, after its jitter.
    pub backoff_cap_ms: u64,
    /// For the peer's answer to our close frame.
    pub close_timeout_ms: u64,
}

impl Timing {
    pub(super) fn connect_timeout(&self) -> Duration {
        Duration::from_millis(self.connect_timeout_ms)
    }

    pub(super) fn request_timeout(&self) -> Duration {
        Duration::from_millis(self.request_timeout_ms)
    }

    pub(super) fn silence(&self) -> Duration {
        Duration::from_millis(self.silence_ms)
    }

    pub(super) fn close_timeout(&self) -> Duration {
        Duration::from_millis(self.close_timeout_ms)
    }
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            connect_timeout_ms: 5_000,
            request_timeout_ms: 10_000,
            silence_ms: 15_000,
            backoff_first_ms: 250,
            backoff_cap_ms: 8_000,
            close_timeout_ms: 1_000,
        }
    }
}
