//! Answers of REST handlers.

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::header::ETAG;
use http::{HeaderValue, StatusCode};
use schemars::JsonSchema;
use serde::Serialize;

use crate::schema::{Describe, Operation};
use crate::store::Effect;

/// A JSON answer.
#[derive(Debug)]
pub struct Reply<T> {
    status: StatusCode,
    body: T,
    repeated: bool,
    version: Option<u64>,
}

impl<T> Reply<T> {
    /// 200.
    pub fn ok(body: T) -> Self {
        Self { status: StatusCode::OK, body, repeated: false, version: None }
    }

    /// 200; a repeat under the same idempotency key is marked as one.
    pub fn done(effect: Effect<T>) -> Self {
        Self { status: StatusCode::OK, ..Self::created(effect) }
    }

    /// 201; a repeat under the same idempotency key is marked as one.
    pub fn created(effect: Effect<T>) -> Self {
        let repeated = effect.is_repeated();
        let (Effect::Done(body) | Effect::Repeated(body)) = effect;
        Self { status: StatusCode::CREATED, body, repeated, version: None }
    }

    /// With the object's version as its `ETag` (RFC 9110, section 8.8.3).
    #[must_use]
    pub fn version(mut self, version: impl FnOnce(&T) -> u64) -> Self {
        self.version = Some(version(&self.body));
        self
    }
}

impl<T: Serialize> IntoResponse for Reply<T> {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(self.body)).into_response();
        if self.repeated {
            response.headers_mut().insert("idempotency-replayed", HeaderValue::from_static("true"));
        }
        if let Some(version) = self.version {
            let tag = HeaderValue::try_from(format!("\"{version}\"")).expect("digits are visible ASCII");
            response.headers_mut().insert(ETAG, tag);
        }
        response
    }
}

impl<T: JsonSchema> Describe for Reply<T> {
    fn describe(operation: &mut Operation<'_>) {
        operation.json_answer::<T>();
    }
}
