//! One REST request, exactly as it is written down: any path, any header, any body, whole or withheld. What is well-formed
//! is easier said with the typed calls of [`Rest`](system::client::Rest).

use std::collections::BTreeMap;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HOST};
use http_body_util::{BodyExt, Limited};
use hyper::body::{Body, Frame, SizeHint};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use system::client::{Connector, Observer, Purpose, described};
use system::protocol::{ErrorCode, Problem, TUS_CONTENT_TYPE, TUS_VERSION};
use tokio::time::timeout;

use super::line::Line;

/// How long an answer may take: longer than the server's own patience with a request.
const PATIENCE: Duration = Duration::from_secs(60);

/// A longer answer is none of this server's.
const ANSWER_BYTES: usize = 64 << 20;

/// A request, as it goes out.
#[derive(Clone, Debug)]
pub struct Ask {
    method: &'static str,
    path: String,
    headers: Vec<(String, String)>,
    body: Bytes,
    /// How many more bytes are promised, and never sent.
    withheld_bytes: u64,
}

/// An answer, as it came.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// The headers, their names in lower case.
    pub headers: BTreeMap<String, String>,
    /// The body.
    pub body: Bytes,
}

/// No answer came.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{method} {path} was not answered: {reason}")]
pub struct AskError {
    method: &'static str,
    path: String,
    reason: String,
}

impl Ask {
    /// A request without headers or body. The path has its query, and begins at the server's root: `/api/v1/rooms`.
    pub fn new(method: &'static str, path: impl Into<String>) -> Self {
        Self { method, path: path.into(), headers: Vec::new(), body: Bytes::new(), withheld_bytes: 0 }
    }

    /// `GET`.
    pub fn get(path: impl Into<String>) -> Self {
        Self::new("GET", path)
    }

    /// `POST`.
    pub fn post(path: impl Into<String>) -> Self {
        Self::new("POST", path)
    }

    /// `PUT`.
    pub fn put(path: impl Into<String>) -> Self {
        Self::new("PUT", path)
    }

    /// `PATCH`.
    pub fn patch(path: impl Into<String>) -> Self {
        Self::new("PATCH", path)
    }

    /// `DELETE`.
    pub fn delete(path: impl Into<String>) -> Self {
        Self::new("DELETE", path)
    }

    /// With one more header. Several of one name all go out.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_ascii_lowercase(), value.into()));
        self
    }

    /// With an access token, or the operator's.
    #[must_use]
    pub fn token(self, token: &str) -> Self {
        self.header(AUTHORIZATION.as_str(), format!("Bearer {token}"))
    }

    /// With an idempotency key.
    #[must_use]
    pub fn key(self, key: &str) -> Self {
        self.header("idempotency-key", key)
    }

    /// With a value as JSON.
    #[must_use]
    pub fn json<T: Serialize>(self, value: &T) -> Self {
        let text = serde_json::to_string(value).expect("a scenario's bodies have only string keys and finite numbers");
        self.body("application/json", text)
    }

    /// With any body at all.
    #[must_use]
    pub fn body(mut self, content_type: &str, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self.header(CONTENT_TYPE.as_str(), content_type)
    }

    /// A request of the tus protocol: its version goes along.
    #[must_use]
    pub fn tus(self) -> Self {
        self.header("tus-resumable", TUS_VERSION)
    }

    /// A piece of an upload, beginning at `offset`.
    #[must_use]
    pub fn piece(self, offset: u64, bytes: impl Into<Bytes>) -> Self {
        self.tus().header("upload-offset", offset.to_string()).body(TUS_CONTENT_TYPE, bytes)
    }

    /// Promises so many more bytes than the body has, and keeps them back.
    #[must_use]
    pub fn withholding(mut self, bytes: u64) -> Self {
        self.withheld_bytes = bytes;
        self
    }

    /// The path, with its query.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The method.
    pub fn method(&self) -> &'static str {
        self.method
    }

    /// Whether it says who asks.
    pub(in crate::scenarios) fn is_authorized(&self) -> bool {
        self.headers.iter().any(|(name, _)| name == AUTHORIZATION.as_str())
    }

    /// Sends it on a connection of its own, and tells `observer` of it as request `ordinal`.
    pub(in crate::scenarios) async fn send(
        &self,
        line: &Line,
        (observer, ordinal): (&dyn Observer, u32),
        correlation_id: &str,
    ) -> Result<Reply, AskError> {
        let fail = |reason: String| AskError { method: self.method, path: self.path.clone(), reason };
        let request = self.to_http(line.authority(), correlation_id).map_err(|error| fail(error.to_string()))?;
        let stream = line.connect(Purpose::Rest).await.map_err(|error| fail(format!("connecting: {error}")))?;
        let (mut sender, connection) =
            http1::handshake(TokioIo::new(stream)).await.map_err(|error| fail(error.to_string()))?;
        // An error here also fails the request that it is about, which tells it.
        let carrier = tokio::spawn(async move { drop(connection.await) });
        let key = self.headers.iter().find(|(name, _)| name == "idempotency-key").map(|(_, value)| value.as_str());
        observer.requested(ordinal, self.method, &self.path, key, &self.told());
        let exchange = async {
            let answer = sender.send_request(request).await.map_err(|error| error.to_string())?;
            let (parts, body) = answer.into_parts();
            let body = Limited::new(body, ANSWER_BYTES).collect().await.map_err(|error| error.to_string())?.to_bytes();
            Ok(Reply::new(&parts, body))
        };
        let answered = timeout(PATIENCE, exchange)
            .await
            .unwrap_or_else(|_| Err(format!("nothing came within {} s", PATIENCE.as_secs())));
        carrier.abort();
        match answered {
            Ok(reply) => {
                observer.answered(ordinal, reply.status, &reply.told());
                Ok(reply)
            }
            Err(reason) => {
                observer.answer_lost(ordinal, &reason);
                Err(fail(reason))
            }
        }
    }

    fn to_http(&self, authority: &str, correlation_id: &str) -> http::Result<http::Request<Sent>> {
        let mut builder = http::Request::builder().method(self.method).uri(&self.path).header(HOST, authority);
        if !self.headers.iter().any(|(name, _)| name == "x-correlation-id") {
            builder = builder.header("x-correlation-id", correlation_id);
        }
        for (name, value) in &self.headers {
            builder = builder.header(name, value);
        }
        let promised = self.body.len() as u64 + self.withheld_bytes;
        if promised > 0 || matches!(self.method, "POST" | "PUT" | "PATCH") {
            builder = builder.header(CONTENT_LENGTH, promised);
        }
        builder.body(Sent { first: Some(self.body.clone()), promised, withholds: self.withheld_bytes > 0 })
    }

    fn told(&self) -> String {
        let is_json = self.headers.iter().any(|(name, value)| name == "content-type" && value.ends_with("json"));
        match std::str::from_utf8(&self.body) {
            Ok(text) if is_json || self.body.is_empty() => text.to_owned(),
            _ => described(&self.body),
        }
    }
}

impl Reply {
    /// Of what came.
    pub(super) fn new(parts: &http::response::Parts, body: Bytes) -> Self {
        let mut headers: BTreeMap<String, String> = BTreeMap::new();
        for (name, value) in &parts.headers {
            let value = String::from_utf8_lossy(value.as_bytes());
            let told = headers.entry(name.as_str().to_owned()).or_default();
            if !told.is_empty() {
                told.push_str(", ");
            }
            told.push_str(&value);
        }
        Self { status: parts.status.as_u16(), headers, body }
    }

    /// A header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(&name.to_ascii_lowercase()).map(String::as_str)
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON; null if it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// The body as an object of the protocol, if it is one.
    pub fn object<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_slice(&self.body).ok()
    }

    /// What it was refused for, if it was.
    pub fn problem(&self) -> Option<Problem> {
        if self.status < 400 { None } else { self.object() }
    }

    /// The error code, if it was refused.
    pub fn code(&self) -> Option<ErrorCode> {
        self.problem().map(|problem| problem.code)
    }

    pub(super) fn told(&self) -> String {
        let is_json = self.header("content-type").is_some_and(|kind| kind.ends_with("json"));
        if is_json || self.body.is_empty() { self.text() } else { described(&self.body) }
    }
}

/// A body that may end too early.
struct Sent {
    first: Option<Bytes>,
    promised: u64,
    withholds: bool,
}

impl Body for Sent {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        match self.first.take() {
            Some(bytes) if !bytes.is_empty() => Poll::Ready(Some(Ok(Frame::data(bytes)))),
            // Nobody wakes this: what is withheld never comes.
            _ if self.withholds => Poll::Pending,
            _ => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        !self.withholds && self.first.as_ref().is_none_or(Bytes::is_empty)
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.promised)
    }
}
