//! The configuration: one typed value with defaults that work. Every interval, size and limit of the server is here.

use serde::{Deserialize, Serialize};

use crate::limits::LimitSettings;
use crate::store::CHUNK_BYTES;

/// Everything that can be set. Times are in milliseconds and sizes in bytes, as the names say.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The address to listen on.
    pub listen: String,
    /// Where the data is kept.
    pub data_directory: String,
    /// The store.
    pub store: StoreConfig,
    /// Tokens.
    pub auth: AuthConfig,
    /// The costs of hashing passwords.
    pub password: PasswordConfig,
    /// REST.
    pub http: HttpConfig,
    /// WebSocket.
    pub websocket: WebSocketConfig,
    /// How far back a client can resume.
    pub resume: ResumeConfig,
    /// How much one may ask for.
    pub limits: LimitSettings,
    /// Uploads of files.
    pub uploads: UploadConfig,
    /// How many bytes of files may be kept.
    pub quota: QuotaConfig,
    /// Presence.
    pub presence: PresenceConfig,
    /// The live conversation feed.
    pub feed: FeedConfig,
    /// How long what is over is kept.
    pub retention: RetentionConfig,
    /// Shutting down.
    pub shutdown: ShutdownConfig,
    /// Who operates the server itself.
    pub operator: OperatorConfig,
    /// Who reads the metrics.
    pub metrics: MetricsConfig,
    /// What is logged on standard error, and how.
    pub log: LogConfig,
}

/// The store.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StoreConfig {
    /// Memory for cached pages. Those that do not fit are mostly in the operating system's cache.
    pub cache_bytes: usize,
    /// How many operations may share a commit.
    pub batch_limit: usize,
    /// Check every page when the server starts. Costs a read of the whole database.
    pub verify_at_start: bool,
    /// How many of a room's newest messages a snapshot holds.
    pub snapshot_messages: usize,
    /// How many of a room's newest threads a snapshot holds.
    pub snapshot_threads: usize,
}

/// Tokens.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AuthConfig {
    /// How long an access token is good for.
    pub access_token_ms: u64,
    /// How long a refresh token is good for.
    pub refresh_token_ms: u64,
    /// How long the last refresh token but one gets the same successor again.
    pub refresh_reuse_ms: u64,
    /// How long an invitation can be accepted.
    pub invitation_ms: u64,
    /// How long before its end a connection is told that its token ends; at most half of the token's time.
    pub expiry_warning_ms: u64,
}

/// The costs of hashing passwords (Argon2id, RFC 9106).
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PasswordConfig {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes.
    pub iterations: u32,
    /// Lanes.
    pub parallelism: u32,
}

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

/// Uploads of files.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct UploadConfig {
    /// The largest file: `Tus-Max-Size`.
    pub file_bytes: u64,
    /// How long after its last durable byte an upload is kept.
    pub lifetime_ms: u64,
    /// How long a client may take for the next 60 KiB of a body, at most three quarters of `http.request_timeout_ms`. What
    /// came until then is kept.
    pub stall_timeout_ms: u64,
    /// How many bytes of one body may wait for their commit.
    pub buffer_bytes: usize,
    /// The largest body with an `Upload-Checksum`: it is held until it is checked.
    pub checksum_bytes: usize,
    /// How often the server looks for uploads that have expired and for space that deleted files have left.
    pub sweep_interval_ms: u64,
}

/// How many bytes of files may be kept, those of uploads under way included.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct QuotaConfig {
    /// By all users of a company together.
    pub company_bytes: u64,
    /// By each user.
    pub user_bytes: u64,
}

/// Presence.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PresenceConfig {
    /// How long after the last connection a user counts as online.
    pub grace_ms: u64,
    /// How often at most a connection's typing is passed on, in each room.
    pub typing_interval_ms: u64,
    /// For how long others show it.
    pub typing_expires_ms: u64,
}

/// The live conversation feed: see [`crate::feed`].
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FeedConfig {
    /// The directory of conversation files, `<company>/<anything>.jsonl` below it; empty: there is no feed.
    pub directory: String,
    /// How often everything is looked at, whatever the watch on the directory has told.
    pub rescan_ms: u64,
    /// How long a line or a file must be gone before its message is deleted or its room archived: a file that is being
    /// rewritten is short for a moment.
    pub settle_ms: u64,
    /// The longest line; a longer one is passed over.
    pub line_bytes: usize,
    /// How much of a file is read; what comes after is passed over.
    pub file_bytes: usize,
    /// How many files are read; those that come later are passed over.
    pub files: usize,
    /// How many lines may wait for a commit at once. Users are served between them.
    pub batch_lines: usize,
}

/// How long what is over is kept.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RetentionConfig {
    /// How long a repeat under an idempotency key is known as one: longer than any client tries (PROTOCOL.md, promise
    /// 8).
    pub idempotency_ms: u64,
    /// How long sessions and invitations are kept after their end.
    pub ended_ms: u64,
    /// How long to wait between two passes that remove what was kept long enough.
    pub sweep_interval_ms: u64,
    /// How many records a pass looks at, and removes, at once.
    pub batch: usize,
}

/// Shutting down.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ShutdownConfig {
    /// When everything must have ended. Who has not read all that waits for them by three quarters of it is told 1001.
    pub deadline_ms: u64,
    /// Over how long the connections are told to come back later; at most half of the deadline.
    pub jitter_ms: u64,
}

/// Who operates the server itself: backups, draining, limits, everybody's connections. Off until there is a token.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OperatorConfig {
    /// The file that holds the token; empty: none. The program reads it once, when it starts.
    pub token_file: String,
    /// The token itself, 16 to 256 visible ASCII characters, for where a file is harder to give than an environment
    /// variable; empty: operators are refused. Never printed.
    #[serde(skip_serializing)]
    pub token: Secret,
}

/// Who reads what the server counts of itself, as OpenMetrics text at `/metrics`. The server's operator always may, on
/// `listen`, with their token.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MetricsConfig {
    /// An address to listen on for metrics alone, without credentials: one that only Prometheus reaches, such as
    /// `127.0.0.1:7441`. Empty: none.
    pub listen: String,
}

/// What is logged on standard error, and how. No token, password or message text is ever in it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LogConfig {
    /// `text` for people, `json` for machines: a line each.
    pub format: LogFormat,
    /// Which targets at which levels, as in `info,stormglass::hub=debug`. `RUST_LOG` overrules it. Requests are lines of
    /// `stormglass::http` at `debug`, WebSocket commands of `stormglass::command`, commits of `stormglass::commit`, pushes
    /// of `stormglass::delivery`; all carry the correlation id of what caused them.
    pub filter: String,
}

/// How a line of the log looks.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

impl Default for LogConfig {
    fn default() -> Self {
        Self { format: LogFormat::default(), filter: "info,stormglass::http=debug".into() }
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:7440".into(),
            data_directory: "stormglass-data".into(),
            store: StoreConfig::default(),
            auth: AuthConfig::default(),
            password: PasswordConfig::default(),
            http: HttpConfig::default(),
            websocket: WebSocketConfig::default(),
            resume: ResumeConfig::default(),
            limits: LimitSettings::default(),
            uploads: UploadConfig::default(),
            quota: QuotaConfig::default(),
            presence: PresenceConfig::default(),
            feed: FeedConfig::default(),
            retention: RetentionConfig::default(),
            shutdown: ShutdownConfig::default(),
            operator: OperatorConfig::default(),
            metrics: MetricsConfig::default(),
            log: LogConfig::default(),
        }
    }
}

impl Default for StoreConfig {
    fn default() -> Self {
        Self {
            cache_bytes: 64 << 20,
            batch_limit: 256,
            verify_at_start: true,
            snapshot_messages: 200,
            snapshot_threads: 50,
        }
    }
}

impl Default for AuthConfig {
    fn default() -> Self {
        Self {
            access_token_ms: 15 * 60_000,
            refresh_token_ms: 30 * 24 * 3_600_000,
            refresh_reuse_ms: 30_000,
            invitation_ms: 7 * 24 * 3_600_000,
            expiry_warning_ms: 60_000,
        }
    }
}

impl AuthConfig {
    /// How long any token may be good for.
    pub fn longest_token_ms(&self) -> u64 {
        self.refresh_token_ms.max(self.access_token_ms).max(self.invitation_ms)
    }
}

impl Default for PasswordConfig {
    fn default() -> Self {
        // OWASP's first recommendation for Argon2id: 19 MiB, 2 passes, 1 lane.
        Self { memory_kib: 19 * 1_024, iterations: 2, parallelism: 1 }
    }
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

impl Default for ResumeConfig {
    fn default() -> Self {
        Self { window_ms: 120_000, events: 1_000, bytes: 512 << 10 }
    }
}

impl Default for UploadConfig {
    fn default() -> Self {
        Self {
            file_bytes: 5 << 30,
            lifetime_ms: 24 * 3_600_000,
            stall_timeout_ms: 20_000,
            buffer_bytes: 480 << 10,
            checksum_bytes: 1 << 20,
            sweep_interval_ms: 10_000,
        }
    }
}

impl Default for QuotaConfig {
    fn default() -> Self {
        Self { company_bytes: 100 << 30, user_bytes: 10 << 30 }
    }
}

impl Default for PresenceConfig {
    fn default() -> Self {
        Self { grace_ms: 15_000, typing_interval_ms: 2_000, typing_expires_ms: 6_000 }
    }
}

impl Default for FeedConfig {
    fn default() -> Self {
        Self {
            directory: String::new(),
            rescan_ms: 2_000,
            settle_ms: 500,
            line_bytes: 64 << 10,
            file_bytes: 64 << 20,
            files: 10_000,
            batch_lines: 64,
        }
    }
}

impl Default for RetentionConfig {
    fn default() -> Self {
        const DAY_MS: u64 = 24 * 3_600_000;
        Self { idempotency_ms: 7 * DAY_MS, ended_ms: 30 * DAY_MS, sweep_interval_ms: 3_600_000, batch: 1_000 }
    }
}

impl Default for ShutdownConfig {
    fn default() -> Self {
        Self { deadline_ms: 10_000, jitter_ms: 1_000 }
    }
}

/// A text that is never printed.
#[derive(Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Keeps a text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text, for where it is compared or sent.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(if self.is_empty() { "none" } else { "***" })
    }
}

/// A value that cannot work.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("`{key}` {message}")]
pub struct ConfigError {
    /// Where it is: `websocket.heartbeat_ms`.
    pub key: &'static str,
    /// What would be right.
    pub message: String,
}

impl Config {
    /// Whether all values can work, each and together.
    ///
    /// # Errors
    /// The first value that cannot, by its key.
    pub fn check(&self) -> Result<(), ConfigError> {
        let within = |key, value: u64, least: u64, most: u64| {
            if (least..=most).contains(&value) {
                return Ok(());
            }
            Err(ConfigError { key, message: format!("is {value}: it must be from {least} to {most}") })
        };
        const DAY_MS: u64 = 24 * 3_600_000;
        within("store.cache_bytes", self.store.cache_bytes as u64, 1 << 16, 1 << 40)?;
        within("store.batch_limit", self.store.batch_limit as u64, 1, 100_000)?;
        within("store.snapshot_messages", self.store.snapshot_messages as u64, 1, 10_000)?;
        within("store.snapshot_threads", self.store.snapshot_threads as u64, 1, 10_000)?;
        within("auth.access_token_ms", self.auth.access_token_ms, 2_000, DAY_MS)?;
        within("auth.refresh_token_ms", self.auth.refresh_token_ms, self.auth.access_token_ms, 400 * DAY_MS)?;
        within("auth.refresh_reuse_ms", self.auth.refresh_reuse_ms, 0, 600_000)?;
        within("auth.invitation_ms", self.auth.invitation_ms, 1_000, 400 * DAY_MS)?;
        within("auth.expiry_warning_ms", self.auth.expiry_warning_ms, 0, DAY_MS)?;
        within("password.memory_kib", self.password.memory_kib.into(), 8, 4 << 20)?;
        within("password.iterations", self.password.iterations.into(), 1, 1_000)?;
        within("password.parallelism", self.password.parallelism.into(), 1, (self.password.memory_kib / 8).into())?;
        within("http.body_bytes", self.http.body_bytes as u64, 1 << 10, 64 << 20)?;
        within("http.request_timeout_ms", self.http.request_timeout_ms, 100, DAY_MS)?;
        within("http.header_timeout_ms", self.http.header_timeout_ms, 100, DAY_MS)?;
        within("http.write_timeout_ms", self.http.write_timeout_ms, 100, DAY_MS)?;
        within("http.buffer_bytes", self.http.buffer_bytes as u64, 8 << 10, 1 << 20)?;
        within("http.page_items", self.http.page_items as u64, 1, 10_000)?;
        within("http.search_messages", self.http.search_messages as u64, 1, 1_000_000)?;
        within("websocket.heartbeat_ms", self.websocket.heartbeat_ms, 100, DAY_MS)?;
        within("websocket.silence_ms", self.websocket.silence_ms, self.websocket.heartbeat_ms + 1, DAY_MS)?;
        within("websocket.hello_timeout_ms", self.websocket.hello_timeout_ms, 100, DAY_MS)?;
        within("websocket.write_timeout_ms", self.websocket.write_timeout_ms, 100, DAY_MS)?;
        within("websocket.queue_bytes", self.websocket.queue_bytes as u64, 64 << 10, 1 << 30)?;
        within("websocket.frame_bytes", self.websocket.frame_bytes as u64, 1 << 10, 16 << 20)?;
        within("websocket.buffer_bytes", self.websocket.buffer_bytes as u64, 256, 1 << 20)?;
        within("websocket.streams", self.websocket.streams as u64, 1, 100_000)?;
        within("resume.window_ms", self.resume.window_ms, 0, 30 * DAY_MS)?;
        within("resume.events", self.resume.events as u64, 1, 1_000_000)?;
        within("resume.bytes", self.resume.bytes as u64, 1 << 10, self.websocket.queue_bytes as u64 / 2)?;
        within("uploads.file_bytes", self.uploads.file_bytes, 1, 1 << 44)?;
        within("uploads.lifetime_ms", self.uploads.lifetime_ms, 1_000, 400 * DAY_MS)?;
        within("uploads.stall_timeout_ms", self.uploads.stall_timeout_ms, 100, DAY_MS)?;
        within("uploads.buffer_bytes", self.uploads.buffer_bytes as u64, CHUNK_BYTES as u64, 64 << 20)?;
        within("uploads.checksum_bytes", self.uploads.checksum_bytes as u64, 1 << 10, 64 << 20)?;
        within("uploads.sweep_interval_ms", self.uploads.sweep_interval_ms, 10, DAY_MS)?;
        within("quota.company_bytes", self.quota.company_bytes, 0, 1 << 60)?;
        within("quota.user_bytes", self.quota.user_bytes, 0, 1 << 60)?;
        within("presence.grace_ms", self.presence.grace_ms, 0, DAY_MS)?;
        within("feed.rescan_ms", self.feed.rescan_ms, 100, DAY_MS)?;
        within("feed.settle_ms", self.feed.settle_ms, 0, DAY_MS)?;
        within("feed.line_bytes", self.feed.line_bytes as u64, 1 << 10, 1 << 20)?;
        within("feed.file_bytes", self.feed.file_bytes as u64, self.feed.line_bytes as u64, 1 << 30)?;
        within("feed.files", self.feed.files as u64, 1, 1_000_000)?;
        within("feed.batch_lines", self.feed.batch_lines as u64, 1, 1_000)?;
        within("presence.typing_interval_ms", self.presence.typing_interval_ms, 100, 3_600_000)?;
        within(
            "presence.typing_expires_ms",
            self.presence.typing_expires_ms,
            self.presence.typing_interval_ms + 1,
            3_600_000,
        )?;
        // A request that is answered late must still be known when it is repeated.
        let least_ms = self.http.request_timeout_ms;
        within("retention.idempotency_ms", self.retention.idempotency_ms, least_ms, 400 * DAY_MS)?;
        within("retention.ended_ms", self.retention.ended_ms, 0, 4_000 * DAY_MS)?;
        within("retention.sweep_interval_ms", self.retention.sweep_interval_ms, 100, 30 * DAY_MS)?;
        within("retention.batch", self.retention.batch as u64, 1, 100_000)?;
        within("shutdown.deadline_ms", self.shutdown.deadline_ms, 100, DAY_MS)?;
        within("shutdown.jitter_ms", self.shutdown.jitter_ms, 0, self.shutdown.deadline_ms / 2)?;
        let token = self.operator.token.reveal();
        let fits = (16..=256).contains(&token.len()) && token.bytes().all(|byte| byte.is_ascii_graphic());
        if !token.is_empty() && !fits {
            let message = "must have 16 to 256 visible ASCII characters".to_owned();
            return Err(ConfigError { key: "operator.token", message });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_work() {
        Config::default().check().unwrap();
    }

    #[test]
    fn a_bad_value_names_its_key() {
        let mut config = Config::default();
        config.websocket.silence_ms = 5_000;
        let error = config.check().unwrap_err();
        assert_eq!(error.to_string(), "`websocket.silence_ms` is 5000: it must be from 10001 to 86400000");
    }
}
