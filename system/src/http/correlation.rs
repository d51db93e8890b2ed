//! The outermost layer: a correlation id in and out, a time limit, what is measured, and one shape for every failure.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use axum::extract::{FromRequestParts, MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::request::Parts;
use http::{HeaderValue, StatusCode};
use tokio::time::Instant;
use tracing::{debug, error, trace};

use super::Patience;
use crate::app::App;
use crate::metrics::InFlight;
use crate::protocol::{ErrorCode, Problem};
use crate::refusal::Refusal;
use crate::schema::{Describe, Operation};

const HEADER: &str = "x-correlation-id";
const LENGTH_LIMIT: usize = 64;

/// What machines ask every few seconds: a line for each would bury the rest of the log.
const PROBES: [&str; 3] = ["/health", "/ready", "/metrics"];

/// The correlation id of a request: the caller's own, or a new one.
#[derive(Clone, Debug)]
pub struct Correlation(pub String);

impl FromRequestParts<App> for Correlation {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Refusal> {
        Ok(parts.extensions.get::<Self>().cloned().expect("the outermost layer has put it there"))
    }
}

impl Describe for Correlation {
    /// Nothing: every endpoint takes and gives one, whether its handler asks or not.
    fn describe(_: &mut Operation<'_>) {}
}

/// Names the request, limits its time, catches its panics, and writes refusals as problem bodies (RFC 9457).
pub async fn correlate(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let correlation = Correlation(given(&request).unwrap_or_else(|| app.platform.new_uuid().to_string()));
    request.extensions_mut().insert(correlation.clone());
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    // As the code has it: a path that a client sent could be anything.
    let route = request.extensions().get::<MatchedPath>().map(|route| route.as_str().to_owned());
    let in_flight = InFlight::new(app.metrics.clone(), &method, route);
    let begun = Instant::now();
    let patience = Patience::new(Duration::from_millis(app.config.http.request_timeout_ms));
    request.extensions_mut().insert(patience.clone());
    let handled = tokio::select! {
        biased;
        handled = AssertUnwindSafe(next.run(request)).catch_unwind() => Some(handled),
        () = patience.exhausted() => None,
    };
    let mut response = match handled {
        Some(Ok(response)) => response,
        Some(Err(_)) => {
            app.metrics.http_panicked();
            error!(target: "stormglass::http", %method, path, correlation_id = correlation.0, "a handler panicked");
            Refusal::new(ErrorCode::Internal, "report this with the correlation id").into_response()
        }
        None => Refusal::new(ErrorCode::Timeout, "ask again whether the call took effect").into_response(),
    };
    if let Some(refusal) = response.extensions_mut().remove::<Refusal>() {
        app.metrics.http.refused(refusal.code);
        let mut told = problem(refusal, &correlation);
        // What the handler, its layers or the router have to say beside the body: what is allowed, at a 405, or the
        // version of tus that is spoken.
        for (name, value) in response.headers() {
            if name != CONTENT_LENGTH && !told.headers().contains_key(name) {
                told.headers_mut().append(name, value.clone());
            }
        }
        response = told;
    }
    let status = response.status().as_u16();
    in_flight.answered(status);
    let took_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
    let correlation_id = &correlation.0;
    if PROBES.contains(&path.as_str()) {
        trace!(target: "stormglass::http", %method, path, status, took_ms, correlation_id, "answered");
    } else {
        debug!(target: "stormglass::http", %method, path, status, took_ms, correlation_id, "answered");
    }
    let id = HeaderValue::from_str(&correlation.0).expect("it was checked, or is a UUID");
    response.headers_mut().insert(HEADER, id);
    response
}

fn given(request: &Request) -> Option<String> {
    let text = request.headers().get(HEADER)?.to_str().ok()?;
    let fits = !text.is_empty() && text.len() <= LENGTH_LIMIT && text.bytes().all(|byte| byte.is_ascii_graphic());
    fits.then(|| text.to_owned())
}

/// What a refusal is on the wire, as JSON (RFC 9457).
pub(super) fn problem_body(refusal: Refusal, correlation: &str) -> Vec<u8> {
    let code = refusal.code;
    let problem = Problem {
        r#type: format!("/problems/{}", code.name()),
        title: code.title().to_owned(),
        status: code.status(),
        detail: refusal.detail,
        code,
        correlation_id: correlation.to_owned(),
        errors: refusal.fields,
        quota: refusal.quota.map(|quota| *quota),
    };
    serde_json::to_vec(&problem).expect("a problem has only strings and numbers")
}

/// After how many seconds to ask again: rounded up, so that who waits so long has waited long enough.
pub(super) fn retry_after_s(refusal: &Refusal) -> u64 {
    refusal.retry_after_ms.unwrap_or(1_000).div_ceil(1_000).max(1)
}

fn problem(refusal: Refusal, correlation: &Correlation) -> Response {
    let status = StatusCode::from_u16(refusal.code.status()).expect("every code has a status");
    let retry_after_s = retry_after_s(&refusal);
    let mut response = (status, problem_body(refusal, &correlation.0)).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    if status == StatusCode::UNAUTHORIZED {
        headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    if matches!(status, StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS) {
        headers.insert(RETRY_AFTER, HeaderValue::from(retry_after_s));
    }
    response
}

impl IntoResponse for Refusal {
    /// Only its status and itself: `correlate` writes the body, for it knows the correlation id.
    fn into_response(self) -> Response {
        let mut response = StatusCode::from_u16(self.code.status()).expect("every code has a status").into_response();
        response.extensions_mut().insert(self);
        response
    }
}
