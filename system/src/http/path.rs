//! Identifiers in paths. What is no identifier names nothing: 404.

use std::str::FromStr;

use axum::extract::{FromRequestParts, Path};
use http::request::Parts;
use schemars::JsonSchema;

use crate::app::App;
use crate::protocol::{ErrorCode, StreamId};
use crate::refusal::Refusal;
use crate::schema::{Describe, Operation};

/// The only parameter of a path.
#[derive(Clone, Copy, Debug)]
pub struct Id<T>(pub T);

/// The only parameter of a path, as a stream.
pub type StreamPath = Id<StreamId>;

/// The two parameters of a path.
#[derive(Clone, Copy, Debug)]
pub struct Ids<A, B>(pub A, pub B);

impl<T: FromStr> FromRequestParts<App> for Id<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Refusal> {
        let path = Path::<String>::from_request_parts(parts, app).await;
        path.ok().and_then(|Path(text)| text.parse().ok()).map(Self).ok_or_else(nothing)
    }
}

impl<A: FromStr, B: FromStr> FromRequestParts<App> for Ids<A, B> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Refusal> {
        let path = Path::<(String, String)>::from_request_parts(parts, app).await;
        let Path((first, second)) = path.map_err(|_| nothing())?;
        match (first.parse(), second.parse()) {
            (Ok(first), Ok(second)) => Ok(Self(first, second)),
            _ => Err(nothing()),
        }
    }
}

impl<T: JsonSchema> Describe for Id<T> {
    fn describe(operation: &mut Operation<'_>) {
        operation.path_parameter::<T>();
        operation.refuses(&[ErrorCode::NotFound]);
    }
}

impl<A: JsonSchema, B: JsonSchema> Describe for Ids<A, B> {
    fn describe(operation: &mut Operation<'_>) {
        operation.path_parameter::<A>();
        operation.path_parameter::<B>();
        operation.refuses(&[ErrorCode::NotFound]);
    }
}

fn nothing() -> Refusal {
    Refusal::not_found("thing")
}
