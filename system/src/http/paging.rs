//! `?cursor=` and `?limit=` of lists. What is wrong is refused and named, never silently mended.

use std::num::NonZero;

use axum::extract::FromRequestParts;
use http::request::Parts;
use schemars::JsonSchema;
use serde::Deserialize;

use super::Params;
use crate::app::App;
use crate::domain::paging::Paging;
use crate::protocol::ErrorCode;
use crate::refusal::Refusal;
use crate::schema::{Describe, Operation};

/// Which page of a list, for lists that take no other parameter.
#[derive(Clone, Debug)]
pub struct Paged(pub Paging);

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Query {
    /// The `next` of an earlier page; absent: the first page.
    cursor: Option<String>,
    /// How many at most; absent: as many as the server ever gives.
    #[schemars(with = "Option<NonZero<usize>>")]
    limit: Option<String>,
}

impl FromRequestParts<App> for Paged {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Refusal> {
        let Params(Query { cursor, limit }) = Params::from_request_parts(parts, app).await?;
        Ok(Self(Paging { cursor, limit: page_limit(app, limit.as_deref())? }))
    }
}

impl Describe for Paged {
    fn describe(operation: &mut Operation<'_>) {
        Params::<Query>::describe(operation);
        operation.refuses(&[ErrorCode::InvalidValue]);
    }
}

/// How many items a page is to have: what the caller asks for, or as many as there may be.
///
/// # Errors
/// [`ErrorCode::InvalidValue`]: none, more than there may be, or no number.
pub fn page_limit(app: &App, asked: Option<&str>) -> Result<usize, Refusal> {
    let most = app.config.http.page_items;
    let Some(text) = asked else { return Ok(most) };
    let limit = text.parse().ok().filter(|limit| (1..=most).contains(limit));
    limit.ok_or_else(|| Refusal::field("limit", format!("must be a number from 1 to {most}")))
}
