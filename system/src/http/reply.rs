//! Answers of REST handlers.

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode};
use serde::Serialize;

use crate::store::Effect;

/// A JSON answer.
#[derive(Debug)]
pub struct Reply<T> {
    status: StatusCode,
    body: T,
    repeated: bool,
}

impl<T> Reply<T> {
    /// 200.
    pub fn ok(body: T) -> Self {
        Self { status: StatusCode::OK, body, repeated: false }
    }

    /// 201; a repeat under the same idempotency key is marked as one.
    pub fn created(effect: Effect<T>) -> Self {
        let repeated = effect.is_repeated();
        let (Effect::Done(body) | Effect::Repeated(body)) = effect;
        Self { status: StatusCode::CREATED, body, repeated }
    }
}

impl<T: Serialize> IntoResponse for Reply<T> {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(self.body)).into_response();
        if self.repeated {
            response.headers_mut().insert("idempotency-replayed", HeaderValue::from_static("true"));
        }
        response
    }
}
