//! Pages of other origins (the Fetch standard's CORS; REQUIREMENTS.md WS-15). Only the origins of `http.allowed_origins` are
//! answered, by name; without any, browsers let no other page read an answer. Tokens travel in a header that a page must
//! set itself, never in a cookie, so credentials are not allowed.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD, ORIGIN, VARY,
};
use http::{HeaderMap, HeaderValue, Method, StatusCode};

use crate::app::App;

const METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");

/// What a page may send.
const REQUEST_HEADERS: HeaderValue = HeaderValue::from_static(
    "authorization, content-type, idempotency-key, if-match, if-range, range, tus-resumable, upload-checksum, \
     upload-length, upload-metadata, upload-offset, x-correlation-id",
);

/// What a page may read, beside the body.
const ANSWER_HEADERS: HeaderValue = HeaderValue::from_static(
    "content-disposition, content-range, etag, idempotency-replayed, location, ratelimit, ratelimit-policy, retry-after, \
     tus-resumable, upload-expires, upload-length, upload-offset, x-correlation-id",
);

/// How long a browser remembers what it may send, in seconds.
const REMEMBERED: HeaderValue = HeaderValue::from_static("600");

/// Answers preflights, and names the allowed origin on every other answer.
pub async fn cors(State(app): State<App>, request: Request, next: Next) -> Response {
    let origin = request.headers().get(ORIGIN).filter(|origin| allows(&app, origin)).cloned();
    let preflight =
        request.method() == Method::OPTIONS && request.headers().contains_key(ACCESS_CONTROL_REQUEST_METHOD);
    let mut response = match (&origin, preflight) {
        (Some(_), true) => {
            let mut headers = HeaderMap::new();
            headers.insert(ACCESS_CONTROL_ALLOW_METHODS, METHODS);
            headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, REQUEST_HEADERS);
            headers.insert(ACCESS_CONTROL_MAX_AGE, REMEMBERED);
            (StatusCode::NO_CONTENT, headers).into_response()
        }
        _ => next.run(request).await,
    };
    if !app.config.http.allowed_origins.is_empty() {
        response.headers_mut().append(VARY, HeaderValue::from_static("origin"));
    }
    if let Some(origin) = origin {
        response.headers_mut().insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        response.headers_mut().insert(ACCESS_CONTROL_EXPOSE_HEADERS, ANSWER_HEADERS);
    }
    response
}

fn allows(app: &App, origin: &HeaderValue) -> bool {
    app.config.http.allowed_origins.iter().any(|allowed| allowed.as_bytes() == origin.as_bytes())
}
