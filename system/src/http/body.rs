//! Reading bodies and queries: JSON of one schema, or a refusal that names what is wrong.

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, FromRequestParts, Query, Request};
use http::StatusCode;
use http::header::CONTENT_TYPE;
use http::request::Parts;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;

use crate::app::App;
use crate::protocol::{ErrorCode, object_only};
use crate::refusal::Refusal;
use crate::schema::{Describe, Operation};

/// A JSON body.
#[derive(Debug)]
pub struct Body<T>(pub T);

impl<T: DeserializeOwned> FromRequest<App> for Body<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, app: &App) -> Result<Self, Refusal> {
        let media_type = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
        let essence = media_type.split(';').next().unwrap_or("").trim();
        if !essence.eq_ignore_ascii_case("application/json") {
            return Err(Refusal::new(ErrorCode::UnsupportedMediaType, "the Content-Type must be application/json"));
        }
        let limit_bytes = app.config.http.body_bytes;
        let bytes = Bytes::from_request(request, app).await.map_err(|rejection| match rejection {
            BytesRejection::FailedToBufferBody(error) if error.status() == StatusCode::PAYLOAD_TOO_LARGE => {
                Refusal::new(ErrorCode::TooLarge, format!("the body is larger than {limit_bytes} bytes"))
            }
            _ => Refusal::new(ErrorCode::InvalidRequest, "the body ended before it was complete"),
        })?;
        object_only::from_slice(&bytes)
            .map(Self)
            .map_err(|error| Refusal::new(ErrorCode::InvalidRequest, format!("the body is wrong: {error}")))
    }
}

impl<T: JsonSchema> Describe for Body<T> {
    fn describe(operation: &mut Operation<'_>) {
        operation.json_body::<T>();
        operation.refuses(&[
            ErrorCode::InvalidRequest,
            ErrorCode::InvalidValue,
            ErrorCode::TooLarge,
            ErrorCode::UnsupportedMediaType,
        ]);
    }
}

/// The query of a URL.
#[derive(Debug)]
pub struct Params<T>(pub T);

impl<T: DeserializeOwned> FromRequestParts<App> for Params<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Refusal> {
        Query::<T>::from_request_parts(parts, app).await.map(|Query(params)| Self(params)).map_err(|error| {
            Refusal::new(ErrorCode::InvalidRequest, format!("the query is wrong: {}", error.body_text()))
        })
    }
}

impl<T: JsonSchema> Describe for Params<T> {
    fn describe(operation: &mut Operation<'_>) {
        operation.query::<T>();
        operation.refuses(&[ErrorCode::InvalidRequest]);
    }
}
