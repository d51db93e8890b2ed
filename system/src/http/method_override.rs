//! `X-HTTP-Method-Override`: a POST that stands for PATCH or DELETE, for clients whose environment knows neither. The tus
//! protocol wants it; it holds for every endpoint alike.

use axum::extract::Request;
use http::Method;

const HEADER: &str = "x-http-method-override";

/// The request as it is meant.
pub fn meant(mut request: Request) -> Request {
    if request.method() == Method::POST {
        match request.headers().get(HEADER).map(http::HeaderValue::as_bytes) {
            Some(b"PATCH") => *request.method_mut() = Method::PATCH,
            Some(b"DELETE") => *request.method_mut() = Method::DELETE,
            _ => {}
        }
    }
    request
}
