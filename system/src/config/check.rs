//! Which values can work, each and together.

use super::Config;
use crate::store::CHUNK_BYTES;

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
