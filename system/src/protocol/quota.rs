//! Quotas: how many bytes of files a user and a company may keep (REQUIREMENTS.md IT-15).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How much of a limit is taken. What is used and what is reserved never exceed the limit together.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Quota {
    /// The most bytes that may be taken.
    pub limit_bytes: u64,
    /// Taken by complete files.
    pub used_bytes: u64,
    /// Taken by uploads under way, each by its whole size.
    pub reserved_bytes: u64,
}

/// `GET /quota`: the caller's own quota and their company's.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Quotas {
    /// The caller's: pushed as `quota.updated` whenever it changes.
    pub user: Quota,
    /// The company's: of all its users together.
    pub company: Quota,
}

/// Which quota did not suffice.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum QuotaScope {
    /// The user's.
    User,
    /// The company's.
    Company,
}

/// The numbers of a refusal with `quota_exceeded`: part of its problem body.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct QuotaExceeded {
    /// Which quota did not suffice.
    pub scope: QuotaScope,
    /// The most bytes that may be taken.
    pub limit_bytes: u64,
    /// Taken by complete files.
    pub used_bytes: u64,
    /// Taken by uploads under way.
    pub reserved_bytes: u64,
    /// What was asked for beside that.
    pub asked_bytes: u64,
}
