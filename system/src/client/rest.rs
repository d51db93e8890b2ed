//! REST over one keep-alive HTTP/1.1 connection, reopened when it broke.
//!
//! Nothing is repeated here, for only the caller knows whether a repeat is harmless: a request is answered, or its
//! answer is lost and nobody can know what it did, or it was never sent.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HOST, HeaderName, IF_MATCH, RETRY_AFTER};
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use serde::Serialize;
use tokio::sync::Mutex;
use tokio::task::AbortHandle;
use tokio::time::timeout;

use super::told::described;
use super::{Connector, Observer, Purpose, Timing};
use crate::protocol::Problem;

/// The header of a creating call's key.
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// The header of a request's name.
const CORRELATION_ID: HeaderName = HeaderName::from_static("x-correlation-id");

/// The most that hyper may buffer of one connection; its own default is 400 KiB.
const BUFFER_BYTES: usize = 64 << 10;

/// A longer answer is none of this server's.
const ANSWER_BYTES: usize = 64 << 20;

/// Sends requests, one at a time.
pub struct Rest<C: Connector> {
    connector: Arc<C>,
    observer: Arc<dyn Observer>,
    timing: Timing,
    idle: Mutex<Option<Connection>>,
    requests: AtomicU32,
    /// What the correlation id of every request begins with.
    name: Option<String>,
}

/// What became of a request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Exchange {
    /// The whole answer came.
    Answered(Answer),
    /// No answer, or not all of it, came: whether the request took effect is not known.
    Lost {
        /// In a person's words.
        reason: String,
    },
    /// No connection came about: the request certainly had no effect.
    Unsent {
        /// In a person's words.
        reason: String,
    },
}

/// An answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body's text; of content that is no JSON only its length and its SHA-256.
    pub body: String,
    /// The body, where it is content that is no JSON.
    pub bytes: Bytes,
    /// Where an upload is, where the server said so.
    pub upload_offset: Option<u64>,
    /// When to try again, where the server said so.
    pub retry_after_ms: Option<u64>,
}

/// The methods of this API.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[expect(missing_docs, reason = "the names of RFC 9110 say all")]
pub enum Method {
    Get,
    Post,
    Put,
    Patch,
    Delete,
    Head,
}

/// A request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Request {
    method: Method,
    path: String,
    token: Option<String>,
    key: Option<String>,
    version: Option<u64>,
    headers: Vec<(&'static str, String)>,
    body: String,
    /// Content that is no JSON, in place of `body`.
    bytes: Option<(&'static str, Bytes)>,
    /// What is told of it, where that is not the body's text.
    told: Option<String>,
}

impl<C: Connector> Rest<C> {
    /// Connects when the first request is sent.
    pub fn new(connector: Arc<C>, timing: Timing, observer: Arc<dyn Observer>) -> Self {
        Self { connector, observer, timing, idle: Mutex::new(None), requests: AtomicU32::new(0), name: None }
    }

    /// Gives every request a correlation id: this name and the request's number, `name-7`. Under it the server logs the
    /// request, and tells of the events that it causes. At most 50 visible ASCII characters, or the server makes its own.
    #[must_use]
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Sends `request` once and waits for its answer.
    pub async fn send(&self, request: &Request) -> Exchange {
        // Taken out while in use: an exchange that is given up half-way leaves no connection in an unknown state.
        let mut idle = self.idle.lock().await;
        let mut connection = match self.connection(idle.take()).await {
            Ok(connection) => connection,
            Err(error) => return Exchange::Unsent { reason: format!("connecting: {error}") },
        };
        let mut http_request = match request.to_http(self.connector.authority()) {
            Ok(http_request) => http_request,
            Err(error) => return Exchange::Unsent { reason: format!("building the request: {error}") },
        };
        if let Some(name) = &self.name {
            // Whoever is here has the connection, so that the next request is this one.
            let id = format!("{name}-{}", self.requests.load(Ordering::Relaxed) + 1);
            match id.try_into() {
                Ok(id) => drop(http_request.headers_mut().insert(CORRELATION_ID, id)),
                Err(error) => return Exchange::Unsent { reason: format!("naming the request: {error}") },
            }
        }
        let told = Told::requested(self, request);
        match timeout(self.timing.request_timeout(), connection.exchange(http_request)).await {
            Ok(Ok(answer)) => {
                *idle = Some(connection);
                told.answered(&answer);
                Exchange::Answered(answer)
            }
            Ok(Err(reason)) => Exchange::Lost { reason: told.lost(reason) },
            Err(_) => {
                let reason = format!("no answer within {} ms", self.timing.request_timeout_ms);
                Exchange::Lost { reason: told.lost(reason) }
            }
        }
    }

    async fn connection(&self, idle: Option<Connection>) -> io::Result<Connection> {
        let open = async {
            // hyper may need a moment after an answer; on a connection that broke meanwhile this fails at once.
            if let Some(mut connection) = idle
                && connection.sender.ready().await.is_ok()
            {
                return Ok(connection);
            }
            Connection::open(&*self.connector).await
        };
        match timeout(self.timing.connect_timeout(), open).await {
            Ok(opened) => opened,
            Err(_) => Err(io::ErrorKind::TimedOut.into()),
        }
    }
}

impl<C: Connector> std::fmt::Debug for Rest<C> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Rest").field("authority", &self.connector.authority()).finish_non_exhaustive()
    }
}

impl Exchange {
    /// The answer, if one came.
    ///
    /// # Errors
    /// None came: why.
    pub fn answer(self) -> Result<Answer, String> {
        match self {
            Self::Answered(answer) => Ok(answer),
            Self::Lost { reason } | Self::Unsent { reason } => Err(reason),
        }
    }
}

impl Answer {
    /// Whether the request did what it was for.
    pub fn succeeded(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Whether the same request may succeed later without being changed.
    pub fn temporary(&self) -> bool {
        matches!(self.status, 408 | 429 | 502 | 503 | 504)
    }

    /// The problem that the body tells of, if it does.
    pub fn problem(&self) -> Option<Problem> {
        if self.succeeded() { None } else { serde_json::from_str(&self.body).ok() }
    }
}

impl Method {
    /// As RFC 9110 writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
            Self::Head => "HEAD",
        }
    }
}

impl Request {
    /// A request without token, key or body. `path` includes the query.
    pub fn new(method: Method, path: impl Into<String>) -> Self {
        Self {
            method,
            path: path.into(),
            token: None,
            key: None,
            version: None,
            headers: Vec::new(),
            body: String::new(),
            bytes: None,
            told: None,
        }
    }

    /// With an access token.
    #[must_use]
    pub fn token(mut self, token: &str) -> Self {
        self.token = Some(token.to_owned());
        self
    }

    /// With an idempotency key.
    #[must_use]
    pub fn key(mut self, key: &str) -> Self {
        self.key = Some(key.to_owned());
        self
    }

    /// Only if the object has this version, where one is given.
    #[must_use]
    pub fn version(mut self, version: Option<u64>) -> Self {
        self.version = version;
        self
    }

    /// With a JSON body.
    #[must_use]
    pub fn json<T: Serialize>(mut self, body: &T) -> Self {
        self.body = serde_json::to_string(body).expect("bodies have only string keys and finite numbers");
        self
    }

    /// With content that is no JSON.
    #[must_use]
    pub fn bytes(mut self, content_type: &'static str, bytes: Bytes) -> Self {
        self.bytes = Some((content_type, bytes));
        self
    }

    /// An [`Observer`] is told this in the place of the body's text.
    #[must_use]
    pub fn told_as<T: Serialize>(mut self, matter: &T) -> Self {
        self.told = Some(serde_json::to_string(matter).expect("it has only string keys and finite numbers"));
        self
    }

    /// With one more header, whose name is in lower case.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: String) -> Self {
        self.headers.push((name, value));
        self
    }

    fn to_http(&self, authority: &str) -> http::Result<http::Request<Full<Bytes>>> {
        let mut builder = http::Request::builder().method(self.method.as_str()).uri(&self.path).header(HOST, authority);
        if let Some(token) = &self.token {
            builder = builder.header(AUTHORIZATION, format!("Bearer {token}"));
        }
        if let Some(key) = &self.key {
            builder = builder.header(IDEMPOTENCY_KEY, key);
        }
        if let Some(version) = self.version {
            builder = builder.header(IF_MATCH, format!("\"{version}\""));
        }
        for (name, value) in &self.headers {
            builder = builder.header(*name, value);
        }
        if let Some((content_type, bytes)) = &self.bytes {
            return builder.header(CONTENT_TYPE, *content_type).body(Full::new(bytes.clone()));
        }
        if !self.body.is_empty() {
            builder = builder.header(CONTENT_TYPE, "application/json");
        }
        builder.body(Full::new(Bytes::copy_from_slice(self.body.as_bytes())))
    }
}

/// One HTTP/1.1 connection. Its task, and with it the stream, ends when this is dropped.
struct Connection {
    sender: SendRequest<Full<Bytes>>,
    task: AbortHandle,
}

impl Connection {
    async fn open<C: Connector>(connector: &C) -> io::Result<Self> {
        let stream = connector.connect(Purpose::Rest).await?;
        let (sender, connection) = http1::Builder::new()
            .max_buf_size(BUFFER_BYTES)
            .handshake(TokioIo::new(stream))
            .await
            .map_err(io::Error::other)?;
        let task = tokio::spawn(async move {
            // An error here also fails the request that it is about, which tells it.
            let _ = connection.await;
        });
        Ok(Self { sender, task: task.abort_handle() })
    }

    async fn exchange(&mut self, request: http::Request<Full<Bytes>>) -> Result<Answer, String> {
        let response = self.sender.send_request(request).await.map_err(|error| error_chain(&error))?;
        let (parts, body) = response.into_parts();
        let retry_after_ms = parts
            .headers
            .get(RETRY_AFTER)
            .and_then(|value| value.to_str().ok()?.parse::<u64>().ok())
            .map(|seconds| seconds.saturating_mul(1_000));
        let body = Limited::new(body, ANSWER_BYTES).collect().await.map_err(|error| error_chain(&*error))?.to_bytes();
        let upload_offset = parts.headers.get("upload-offset").and_then(|value| value.to_str().ok()?.parse().ok());
        let json = |kind: &http::HeaderValue| kind.as_bytes().ends_with(b"json");
        let (body, bytes) = match parts.headers.get(CONTENT_TYPE) {
            Some(kind) if !json(kind) => (described(&body), body),
            _ => (String::from_utf8_lossy(&body).into_owned(), Bytes::new()),
        };
        Ok(Answer { status: parts.status.as_u16(), body, bytes, upload_offset, retry_after_ms })
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Sees to it that the observer hears the end of every request that it heard the beginning of.
struct Told<'a> {
    observer: &'a dyn Observer,
    ordinal: u32,
    open: bool,
}

impl<'a> Told<'a> {
    fn requested<C: Connector>(rest: &'a Rest<C>, request: &Request) -> Self {
        let ordinal = rest.requests.fetch_add(1, Ordering::Relaxed) + 1;
        let observer = &*rest.observer;
        let content = || request.bytes.as_ref().map(|(_, bytes)| described(bytes));
        let told = request.told.clone().or_else(content);
        let body = told.as_deref().unwrap_or(&request.body);
        observer.requested(ordinal, request.method.as_str(), &request.path, request.key.as_deref(), body);
        Self { observer, ordinal, open: true }
    }

    fn answered(mut self, answer: &Answer) {
        self.open = false;
        if let Some(offset) = answer.upload_offset {
            self.observer.upload_offset(self.ordinal, offset);
        }
        self.observer.answered(self.ordinal, answer.status, &answer.body);
    }

    fn lost(mut self, reason: String) -> String {
        self.open = false;
        self.observer.answer_lost(self.ordinal, &reason);
        reason
    }
}

impl Drop for Told<'_> {
    fn drop(&mut self) {
        if self.open {
            self.observer.answer_lost(self.ordinal, "the client stopped waiting for the answer");
        }
    }
}

/// An error and what caused it: hyper's own text alone says little.
fn error_chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
