//! Who calls: the access token of a request.

use axum::extract::FromRequestParts;
use http::HeaderMap;
use http::header::AUTHORIZATION;
use http::request::Parts;

use crate::app::App;
use crate::auth::AccessClaims;
use crate::protocol::ErrorCode;
use crate::refusal::Refusal;
use crate::schema::{Describe, Operation};
use crate::store::Actor;

/// The caller, by a token that is ours and has not ended. Whether session and user are still good is checked by each
/// operation in its own transaction.
#[derive(Clone, Copy, Debug)]
pub struct Caller(pub Actor);

impl Caller {
    /// The caller that a token names.
    pub fn by(claims: &AccessClaims) -> Self {
        Self(Actor { user: claims.sub, session: claims.sid })
    }
}

impl FromRequestParts<App> for Caller {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Refusal> {
        // Read on the way in, where requests are limited: the header is the same still.
        if let Some(&caller) = parts.extensions.get::<Self>() {
            return Ok(caller);
        }
        read_token(app, bearer(&parts.headers)).map(|claims| Self::by(&claims))
    }
}

impl Describe for Caller {
    fn describe(operation: &mut Operation<'_>) {
        operation.authenticated();
        operation.refuses(&[ErrorCode::Unauthenticated, ErrorCode::SessionRevoked]);
    }
}

/// What an access token says, by the platform's clock.
///
/// # Errors
/// [`ErrorCode::Unauthenticated`].
pub fn read_token(app: &App, token: Option<&str>) -> Result<AccessClaims, Refusal> {
    let refused = |detail| Refusal::new(ErrorCode::Unauthenticated, detail);
    let token = token.ok_or_else(|| refused("send the access token as `Authorization: Bearer <token>`"))?;
    app.signing
        .signer()
        .read_access(token, app.platform.now())
        .ok_or_else(|| refused("the access token is malformed, forged or has ended: refresh it or log in again"))
}

/// The token of an `Authorization: Bearer` header (RFC 6750).
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
