//! What a user can do, and what became of it.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use serde::Serialize;
use tokio::sync::oneshot;

use super::rest::{Answer, Method, Request};
use crate::protocol::{
    API_PREFIX, Ack, ChangeRole, CreateRoom, ErrorCode, PostMessage, Role, RoomId, UserId, Visibility,
};

/// Something that a user does.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Operation {
    /// Sends a message on the WebSocket.
    SendMessage {
        /// Where.
        room: RoomId,
        /// The text.
        body: String,
    },
    /// Posts a message over REST.
    PostMessage {
        /// Where.
        room: RoomId,
        /// The text.
        body: String,
    },
    /// Creates a room.
    CreateRoom {
        /// Its name.
        name: String,
        /// Who may join it.
        visibility: Visibility,
    },
    /// Adds a user to a room; oneself: joins it.
    AddMember {
        /// The room.
        room: RoomId,
        /// Who.
        user: UserId,
    },
    /// Removes a user from a room; oneself: leaves it.
    RemoveMember {
        /// The room.
        room: RoomId,
        /// Who.
        user: UserId,
    },
    /// Changes a user's role.
    ChangeRole {
        /// Whose.
        user: UserId,
        /// The new one.
        role: Role,
    },
    /// Deactivates a user.
    Deactivate {
        /// Whom.
        user: UserId,
    },
    /// Reads the first page of a room's messages.
    ReadMessages {
        /// Which room's.
        room: RoomId,
    },
    /// Takes a new access token now, rather than when the old one ends, and puts it under the live connection.
    RefreshToken,
}

/// What became of an operation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// The message is durable (`message.send`).
    Acknowledged(Ack),
    /// The REST request succeeded; the last answer.
    Answered(Answer),
    /// There is a new access token.
    Refreshed,
    /// The server refused it for good; nothing changed.
    Refused(Refusal),
    /// The client ended first. Whether it took effect is not known.
    Abandoned,
}

/// Why the server refused an operation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refusal {
    /// The server's code, where its answer was readable.
    pub code: Option<ErrorCode>,
    /// The server's words.
    pub message: String,
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.code {
            Some(code) => write!(formatter, "{}: {}", wire_name(&code), self.message),
            None => formatter.write_str(&self.message),
        }
    }
}

/// An operation under way. It goes on when this is dropped; awaiting it only tells what became of it.
#[derive(Debug)]
pub struct Pending(pub(super) oneshot::Receiver<Outcome>);

impl Future for Pending {
    type Output = Outcome;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Outcome> {
        Pin::new(&mut self.0).poll(context).map(|outcome| outcome.unwrap_or(Outcome::Abandoned))
    }
}

impl Operation {
    /// The request that performs it, or none for what is not a request.
    pub(super) fn request(&self, key: &str) -> Option<Request> {
        let request = match self {
            Self::SendMessage { .. } | Self::RefreshToken => return None,
            Self::PostMessage { room, body } => {
                Request::new(Method::Post, format!("{API_PREFIX}/rooms/{room}/messages"))
                    .key(key)
                    .json(&PostMessage { body: body.clone() })
            }
            Self::CreateRoom { name, visibility } => Request::new(Method::Post, format!("{API_PREFIX}/rooms"))
                .key(key)
                .json(&CreateRoom { name: name.clone(), visibility: *visibility }),
            Self::AddMember { room, user } => {
                Request::new(Method::Put, format!("{API_PREFIX}/rooms/{room}/members/{user}"))
            }
            Self::RemoveMember { room, user } => {
                Request::new(Method::Delete, format!("{API_PREFIX}/rooms/{room}/members/{user}"))
            }
            Self::ChangeRole { user, role } => {
                Request::new(Method::Put, format!("{API_PREFIX}/users/{user}/role")).json(&ChangeRole { role: *role })
            }
            Self::Deactivate { user } => Request::new(Method::Post, format!("{API_PREFIX}/users/{user}/deactivate")),
            Self::ReadMessages { room } => Request::new(Method::Get, format!("{API_PREFIX}/rooms/{room}/messages")),
        };
        Some(request)
    }
}

impl fmt::Display for Operation {
    /// In a person's words.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SendMessage { room, body } => write!(formatter, "send {body:?} to room {room}"),
            Self::PostMessage { room, body } => write!(formatter, "post {body:?} to room {room}"),
            Self::CreateRoom { name, visibility } => {
                write!(formatter, "create the {} room {name:?}", wire_name(visibility))
            }
            Self::AddMember { room, user } => write!(formatter, "add user {user} to room {room}"),
            Self::RemoveMember { room, user } => write!(formatter, "remove user {user} from room {room}"),
            Self::ChangeRole { user, role } => write!(formatter, "make user {user} {}", role.as_str()),
            Self::Deactivate { user } => write!(formatter, "deactivate user {user}"),
            Self::ReadMessages { room } => write!(formatter, "read the messages of room {room}"),
            Self::RefreshToken => formatter.write_str("refresh the access token"),
        }
    }
}

/// The word that stands for a unit variant on the wire.
fn wire_name<T: Serialize>(word: &T) -> String {
    match serde_json::to_value(word) {
        Ok(serde_json::Value::String(name)) => name,
        Ok(other) => other.to_string(),
        Err(error) => error.to_string(),
    }
}
