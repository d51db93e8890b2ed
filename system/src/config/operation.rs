//! Settings of who operates a server: what is kept for how long, shutting down, access, metrics, logs.

use serde::{Deserialize, Serialize};

use super::Secret;

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

impl Default for RetentionConfig {
    fn default() -> Self {
        const DAY_MS: u64 = 24 * 3_600_000;
        Self { idempotency_ms: 7 * DAY_MS, ended_ms: 30 * DAY_MS, sweep_interval_ms: 3_600_000, batch: 1_000 }
    }
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

impl Default for ShutdownConfig {
    fn default() -> Self {
        Self { deadline_ms: 10_000, jitter_ms: 1_000 }
    }
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

impl Default for LogConfig {
    fn default() -> Self {
        Self { format: LogFormat::default(), filter: "info,stormglass::http=debug".into() }
    }
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
