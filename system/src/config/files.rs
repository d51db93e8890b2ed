//! Settings of uploads and of how much may be kept.

use serde::{Deserialize, Serialize};

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

/// How many bytes of files may be kept, those of uploads under way included.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct QuotaConfig {
    /// By all users of a company together.
    pub company_bytes: u64,
    /// By each user.
    pub user_bytes: u64,
}

impl Default for QuotaConfig {
    fn default() -> Self {
        Self { company_bytes: 100 << 30, user_bytes: 10 << 30 }
    }
}
