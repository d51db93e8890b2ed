//! Idempotency keys: what they did can be answered again.

use super::look::{Checked, Look};
use crate::store::key::IdempotencyKey;

/// The first answer is JSON, and the digest of the request is one.
pub(super) fn record(look: &mut Look<'_>) -> Checked {
    let Some(record) = look.read::<IdempotencyKey>() else { return Ok(()) };
    let answer = serde_json::from_str::<serde::de::IgnoredAny>(&record.answer);
    look.require(answer.is_ok(), "holds an answer that is no JSON");
    let digest = &record.request_digest;
    let fits = digest.len() == 64 && digest.bytes().all(|byte| byte.is_ascii_hexdigit());
    look.require(fits, "holds a digest that is none");
    Ok(())
}
