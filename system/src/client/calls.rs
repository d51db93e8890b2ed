//! One typed call for each endpoint, sent once: for setup code, tools and tests. Here are those about logins and streams.

use serde::de::DeserializeOwned;

use super::rest::{Method, Request, Rest};
use super::{Answer, Connector, Exchange};
use crate::protocol::{
    API_PREFIX, ConnectionList, ErrorCode, EventPage, Login, Position, Problem, Refresh, Register, Session,
    SigningKeys, Snapshot, StreamId, Tokens,
};

/// A call that did not succeed.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// The server refused it; nothing changed.
    #[error("{} ({}): {}", .0.title, .0.status, .0.detail)]
    Refused(Box<Problem>),
    /// An answer that is none of this API's: is this the right server?
    #[error("the answer with status {status} is not of this API: {error}")]
    Unreadable {
        /// The HTTP status.
        status: u16,
        /// What is wrong with the body.
        error: serde_json::Error,
    },
    /// No answer came: whether the call took effect is not known.
    #[error("the answer was lost, the outcome is not known: {0}")]
    Lost(String),
    /// No connection came about: the call certainly had no effect.
    #[error("nothing was sent: {0}")]
    Unsent(String),
}

impl CallError {
    /// What an answer that is no success says.
    pub(super) fn refused(answer: &Answer) -> Self {
        match serde_json::from_str(&answer.body) {
            Ok(problem) => Self::Refused(Box::new(problem)),
            Err(error) => Self::Unreadable { status: answer.status, error },
        }
    }

    /// The server's error code, where it gave one.
    pub fn code(&self) -> Option<ErrorCode> {
        match self {
            Self::Refused(problem) => Some(problem.code),
            _ => None,
        }
    }
}

impl<C: Connector> Rest<C> {
    /// `POST /auth/register`: a company and its owner, who is logged in.
    ///
    /// # Errors
    /// See [`CallError`]; so for every call here.
    pub async fn register(&self, body: &Register, key: &str) -> Result<Session, CallError> {
        self.call(&post("/auth/register").key(key).json(body)).await
    }

    /// `POST /auth/login`.
    pub async fn login(&self, body: &Login) -> Result<Session, CallError> {
        self.call(&post("/auth/login").json(body)).await
    }

    /// `POST /auth/refresh`.
    pub async fn refresh(&self, refresh_token: &str) -> Result<Tokens, CallError> {
        self.call(&post("/auth/refresh").json(&Refresh { refresh_token: refresh_token.to_owned() })).await
    }

    /// `POST /auth/logout`: ends the session of `token`.
    pub async fn logout(&self, token: &str) -> Result<(), CallError> {
        self.call_without_answer(&post("/auth/logout").token(token)).await
    }

    /// `GET /streams/{stream}/snapshot`.
    pub async fn snapshot(&self, token: &str, stream: StreamId) -> Result<Snapshot, CallError> {
        self.call(&snapshot_request(stream).token(token)).await
    }

    /// `GET /streams/{stream}/events`: what came after a position, at most `limit` events.
    pub async fn events(
        &self,
        token: &str,
        stream: StreamId,
        after: Position,
        limit: usize,
    ) -> Result<EventPage, CallError> {
        self.call(&events_request(stream, after, limit).token(token)).await
    }

    /// `GET /operator/connections`: the live connections of the company.
    pub async fn connections(&self, token: &str) -> Result<ConnectionList, CallError> {
        self.call(&get("/operator/connections").token(token)).await
    }

    /// `POST /operator/signing-key/rotate`, with the token of the server's operator.
    pub async fn rotate_signing_key(&self, token: &str) -> Result<SigningKeys, CallError> {
        self.call(&post("/operator/signing-key/rotate").token(token)).await
    }

    pub(super) async fn call<T: DeserializeOwned>(&self, request: &Request) -> Result<T, CallError> {
        let answer = self.successful(request).await?;
        serde_json::from_str(&answer.body).map_err(|error| CallError::Unreadable { status: answer.status, error })
    }

    pub(super) async fn call_without_answer(&self, request: &Request) -> Result<(), CallError> {
        self.successful(request).await.map(drop)
    }

    pub(super) async fn successful(&self, request: &Request) -> Result<Answer, CallError> {
        match self.send(request).await {
            Exchange::Answered(answer) if answer.succeeded() => Ok(answer),
            Exchange::Answered(answer) => Err(CallError::refused(&answer)),
            Exchange::Lost { reason } => Err(CallError::Lost(reason)),
            Exchange::Unsent { reason } => Err(CallError::Unsent(reason)),
        }
    }
}

/// Asks for the state of a stream.
pub(super) fn snapshot_request(stream: StreamId) -> Request {
    get(format!("/streams/{stream}/snapshot"))
}

/// Asks for at most `limit` events after a position.
pub(super) fn events_request(stream: StreamId, after: Position, limit: usize) -> Request {
    let Position { seq, epoch } = after;
    get(format!("/streams/{stream}/events?after={seq}&epoch={}&limit={limit}", epoch.0))
}

pub(super) fn get(path: impl AsRef<str>) -> Request {
    Request::new(Method::Get, format!("{API_PREFIX}{}", path.as_ref()))
}

pub(super) fn post(path: impl AsRef<str>) -> Request {
    Request::new(Method::Post, format!("{API_PREFIX}{}", path.as_ref()))
}

pub(super) fn put(path: impl AsRef<str>) -> Request {
    Request::new(Method::Put, format!("{API_PREFIX}{}", path.as_ref()))
}

pub(super) fn patch(path: impl AsRef<str>) -> Request {
    Request::new(Method::Patch, format!("{API_PREFIX}{}", path.as_ref()))
}

pub(super) fn delete(path: impl AsRef<str>) -> Request {
    Request::new(Method::Delete, format!("{API_PREFIX}{}", path.as_ref()))
}

/// Cursors are URL-safe by the server's making.
pub(super) fn paged(path: &str, cursor: Option<&str>) -> String {
    match cursor {
        Some(cursor) => format!("{path}?cursor={cursor}"),
        None => path.to_owned(),
    }
}
