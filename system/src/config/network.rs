//! Settings of REST, WebSocket and resuming.

use serde::{Deserialize, Serialize};

/// REST.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HttpConfig {
    /// The largest body.
    pub body_bytes: usize,
    /// How long a request may take.
    pub request_timeout_ms: u64,
    /// How long a client may take to send the head of a request, from the end of the one before, too: a connection that is
    /// idle for so long is closed.
    pub header_timeout_ms: u64,
    /// How long a client may take none of an answer. Of a WebSocket too, where `websocket.write_timeout_ms` is shorter.
    pub write_timeout_ms: u64,
    /// The read and write buffer of a connection.
    pub buffer_bytes: usize,
    /// The most items of a page.
    pub page_items: usize,
    /// How many messages one page of a search looks at.
    pub search_messages: usize,
    /// Pages of which origins may call, such as `https://chat.example.org`; empty: none but those that we serve.
    pub allowed_origins: Vec<String>,
}

impl Default for HttpConfig {
    fn default() -> Self {
        Self {
            body_bytes: 64 << 10,
            request_timeout_ms: 30_000,
            header_timeout_ms: 10_000,
            write_timeout_ms: 30_000,
            buffer_bytes: 16 << 10,
            page_items: 200,
            search_messages: 2_000,
            allowed_origins: Vec::new(),
        }
    }
}

/// WebSocket.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WebSocketConfig {
    /// How often the server pings.
    pub heartbeat_ms: u64,
    /// After how long a silence a connection is dead.
    pub silence_ms: u64,
    /// How long a client may take to say hello.
    pub hello_timeout_ms: u64,
    /// How long one frame may take to leave.
    pub write_timeout_ms: u64,
    /// How many bytes may wait for one client.
    pub queue_bytes: usize,
    /// The largest text frame that is read.
    pub frame_bytes: usize,
    /// The read buffer of a connection. What is written is not buffered.
    pub buffer_bytes: usize,
    /// How many streams one connection may follow.
    pub streams: usize,
    /// Which `Origin`s may connect; empty: all.
    pub allowed_origins: Vec<String>,
}

impl Default for WebSocketConfig {
    fn default() -> Self {
        Self {
            heartbeat_ms: 10_000,
            silence_ms: 25_000,
            hello_timeout_ms: 10_000,
            write_timeout_ms: 10_000,
            queue_bytes: 1 << 20,
            frame_bytes: 64 << 10,
            buffer_bytes: 2 << 10,
            streams: 1_000,
            allowed_origins: Vec::new(),
        }
    }
}

/// How far back a client can resume (PROTOCOL.md, promise 5).
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ResumeConfig {
    /// The age of the oldest missing event.
    pub window_ms: u64,
    /// How many events of one stream may be missing.
    pub events: usize,
    /// How many bytes may be missing in all streams together.
    pub bytes: usize,
}

impl Default for ResumeConfig {
    fn default() -> Self {
        Self { window_ms: 120_000, events: 1_000, bytes: 512 << 10 }
    }
}
