//! The `Idempotency-Key` header of creating calls.

use axum::extract::FromRequestParts;
use http::request::Parts;

use crate::app::App;
use crate::domain::bounds::Bounds;
use crate::refusal::Refusal;

/// The key, if the caller gave one.
#[derive(Clone, Debug)]
pub struct IdempotencyKey(pub Option<String>);

impl FromRequestParts<App> for IdempotencyKey {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Refusal> {
        const HEADER: &str = "Idempotency-Key";
        let Some(value) = parts.headers.get(HEADER) else { return Ok(Self(None)) };
        let key = value.to_str().unwrap_or("");
        Bounds::default().key(HEADER, key).check()?;
        Ok(Self(Some(key.to_owned())))
    }
}
