//! Where a request comes from.

use axum::extract::FromRequestParts;
use http::request::Parts;

use crate::app::App;
use crate::refusal::Refusal;
use crate::schema::{Describe, Operation};
use crate::server::PeerAddress;

impl FromRequestParts<App> for PeerAddress {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Refusal> {
        Ok(parts.extensions.get::<Self>().cloned().expect("the server has put it there"))
    }
}

impl Describe for PeerAddress {
    /// Nothing: no client says where it is.
    fn describe(_: &mut Operation<'_>) {}
}
