//! Settings of tokens and passwords.

use serde::{Deserialize, Serialize};

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

impl Default for PasswordConfig {
    fn default() -> Self {
        // OWASP's first recommendation for Argon2id: 19 MiB, 2 passes, 1 lane.
        Self { memory_kib: 19 * 1_024, iterations: 2, parallelism: 1 }
    }
}
