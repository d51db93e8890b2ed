//! How fast one may ask over REST, told as draft-ietf-httpapi-ratelimit-headers wants it: `RateLimit-Policy` says what holds,
//! `RateLimit` what is left, on every answer; one too many is answered with 429 and a `Retry-After` that is true.
//!
//! What is limited are the resources and the handshake of the WebSocket. Probes, metrics and documents are not.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderName, HeaderValue};

use super::caller::{Caller, bearer, read_token};
use crate::app::App;
use crate::limits::Allowance;
use crate::protocol::{API_PREFIX, ErrorCode};
use crate::refusal::Refusal;
use crate::server::PeerAddress;

const LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// Whether requests to this path are limited.
pub fn is_limited(path: &str) -> bool {
    path.starts_with(API_PREFIX) || path == "/ws"
}

/// Takes one from the buckets of whoever asks.
pub async fn limit_requests(State(app): State<App>, mut request: Request, next: Next) -> Response {
    if !is_limited(request.uri().path()) {
        return next.run(request).await;
    }
    // By a token that is ours. What another token says tells nothing; it counts towards the address.
    let claims = bearer(request.headers()).and_then(|token| read_token(&app, Some(token)).ok());
    let caller = claims.as_ref().map(Caller::by);
    if let Some(caller) = caller {
        // Whoever takes the request need not check the signature again.
        request.extensions_mut().insert(caller);
    }
    let user = caller.map(|Caller(actor)| actor.user);
    let address = request.extensions().get::<PeerAddress>().map_or("", |PeerAddress(address)| address);
    let verdict = app.limits.take_request(user, address);
    let mut response = match verdict.wait {
        None => next.run(request).await,
        Some(wait) => {
            let whose = verdict.refused_by.unwrap_or_default();
            let detail = format!("this {whose} asks faster than is allowed: wait as long as Retry-After says");
            Refusal::new(ErrorCode::RateLimited, detail).after(wait).into_response()
        }
    };
    tell(response.headers_mut(), &verdict.allowances);
    response
}

fn tell(headers: &mut HeaderMap, allowances: &[Allowance]) {
    if allowances.is_empty() {
        return;
    }
    let list = |item: fn(&Allowance) -> String| {
        let items: Vec<String> = allowances.iter().map(item).collect();
        HeaderValue::try_from(items.join(", ")).expect("names and numbers are visible ASCII")
    };
    headers.insert(POLICY, list(|of| format!("\"{}\";q={};w={}", of.policy, of.quota, of.window_s)));
    headers.insert(LIMIT, list(|of| format!("\"{}\";r={};t={}", of.policy, of.remaining, of.reset_s)));
}
