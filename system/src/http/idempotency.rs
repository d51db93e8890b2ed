//! The `Idempotency-Key` header of creating calls.

use axum::extract::FromRequestParts;
use http::request::Parts;

use crate::app::App;
use crate::domain::bounds::Bounds;
use crate::protocol::{ErrorCode, bound};
use crate::refusal::Refusal;
use crate::schema::{Describe, Operation};

const HEADER: &str = "Idempotency-Key";

/// The key, if the caller gave one.
#[derive(Clone, Debug)]
pub struct IdempotencyKey(pub Option<String>);

impl FromRequestParts<App> for IdempotencyKey {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Refusal> {
        let Some(value) = parts.headers.get(HEADER) else { return Ok(Self(None)) };
        let key = value.to_str().unwrap_or("");
        Bounds::default().key(HEADER, key).check()?;
        Ok(Self(Some(key.to_owned())))
    }
}

impl Describe for IdempotencyKey {
    fn describe(operation: &mut Operation<'_>) {
        let description = "Unique for the caller and this operation: a repeat has no second effect.";
        operation.header_parameter::<bound::Key>(HEADER, false, description);
        operation.answer_header("Idempotency-Replayed", "`true` on the answer to a repeat: nothing happened again.");
        operation.refuses(&[ErrorCode::InvalidValue, ErrorCode::IdempotencyKeyReused]);
    }
}
