//! What the server says on the WebSocket: replies carry the `id` of their command, pushes carry none.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    ChunkStored, CompanyId, Epoch, ErrorCode, Event, FileProgress, Message, Presence, PresenceState, ReadMarker, Role,
    SessionId, StreamId, Timestamp, Typing, UserId, UserStatus,
};

/// A frame from the server. The documents take its variants and their texts from here: one with an `Option<String>` can
/// reply to a command, and its name on the wire is [`ServerFrame::kind`]'s.
#[derive(Clone, PartialEq, Eq, Debug, JsonSchema)]
pub enum ServerFrame {
    /// Reply to `hello`.
    #[schemars(rename = "welcome")]
    Welcome(Option<String>, Welcome),
    /// Reply to `subscribe`; as a push: a right was gained, and the stream is delivered from here on.
    #[schemars(rename = "subscribed")]
    Subscribed(Option<String>, Subscribed),
    /// Reply to `unsubscribe`; as a push: the right was lost, nothing more of the stream comes.
    #[schemars(rename = "unsubscribed")]
    Unsubscribed(Option<String>, Unsubscribed),
    /// Reply to `message.send`, `message.edit`, `message.delete`, `read` and `status.set`.
    #[schemars(rename = "ack")]
    Ack(Option<String>, Ack),
    /// Reply to a binary frame with a chunk of an upload.
    #[schemars(rename = "ack")]
    ChunkStored(Option<String>, ChunkStored),
    /// Reply to `auth.refresh`.
    #[schemars(rename = "ack")]
    TokenRefreshed(Option<String>, TokenRefreshed),
    /// Reply to anything that was refused, or a push about a frame whose `id` could not be read.
    #[schemars(rename = "error")]
    Error(Option<String>, ErrorReply),
    /// Push: a committed event of a followed stream.
    #[schemars(rename = "event")]
    Event(Event),
    /// Push: answer with `pong`.
    #[schemars(rename = "ping")]
    Ping,
    /// Push: the access token ends soon.
    #[schemars(rename = "token.expiring")]
    TokenExpiring(TokenExpiring),
    /// Push, ephemeral: how somebody of the company looks from now on.
    #[schemars(rename = "presence")]
    Presence(Presence),
    /// Push: how everybody of the company looks.
    #[schemars(rename = "presence.state")]
    PresenceState(PresenceState),
    /// Push, ephemeral: somebody types in a room.
    #[schemars(rename = "typing")]
    Typing(Typing),
    /// Push: what is about to be refused or slowed down.
    #[schemars(rename = "warning")]
    Warning(Warning),
    /// Reply to `typing`: done, and there is nothing to tell of it.
    #[schemars(rename = "ack")]
    Done(Option<String>, Done),
    /// Push, ephemeral: so much of an upload is durable.
    #[schemars(rename = "file.progress")]
    FileProgress(FileProgress),
    /// Push: the server will close this connection.
    #[schemars(rename = "closing")]
    Closing(Closing),
}

/// The data of `welcome`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Welcome {
    /// The session that the token belongs to.
    pub session: SessionId,
    /// Who the connection belongs to.
    pub user: UserId,
    /// Their company.
    pub company: CompanyId,
    /// Their role now.
    pub role: Role,
    /// The server's clock.
    pub server_time: Timestamp,
    /// How often the server pings.
    pub heartbeat_ms: u64,
    /// When the access token ends, by the server's clock.
    pub token_expires_at: Timestamp,
    /// Every stream that is followed from now on.
    pub streams: Vec<StreamState>,
}

/// From where a followed stream is delivered.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct StreamState {
    /// The stream.
    pub stream: StreamId,
    /// Every event after this one is pushed, none up to it.
    pub seq: u64,
    /// The history that `seq` counts in.
    pub epoch: Epoch,
    /// True: `seq` is the client's own position. False: the client must take the snapshot.
    pub recovered: bool,
}

/// The data of `subscribed`: the same as one entry of `welcome`.
pub type Subscribed = StreamState;

/// The data of `unsubscribed`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Unsubscribed {
    /// The stream.
    pub stream: StreamId,
    /// Why, when the server did it: `forbidden` when the right to it was lost, `not_found` when the stream is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<ErrorCode>,
    /// The same for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// The data of `ack`: what was asked is durable at this position.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Ack {
    /// The stream: the room's; for `read` and `status.set` the user's own.
    pub stream: StreamId,
    /// The position of the event. Where nothing had to change: how far the stream was when that was found.
    pub seq: u64,
    /// The object as the operation left it.
    pub object: AckObject,
    /// The idempotency key was seen before; nothing happened again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub duplicate: bool,
}

/// What a command made or changed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum AckObject {
    /// Of `message.send`, `message.edit` and `message.delete`.
    Message(Message),
    /// Of `read`.
    ReadMarker(ReadMarker),
    /// Of `status.set`.
    Status(UserStatus),
}

impl AckObject {
    /// The message, if it is one.
    pub fn message(&self) -> Option<&Message> {
        match self {
            Self::Message(message) => Some(message),
            Self::ReadMarker(_) | Self::Status(_) => None,
        }
    }
}

/// The data of the `ack` to `auth.refresh`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct TokenRefreshed {
    /// When the new token ends, by the server's clock.
    pub token_expires_at: Timestamp,
}

/// The data of `error`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ErrorReply {
    /// Which kind.
    pub code: ErrorCode,
    /// What was wrong and what would be right.
    pub message: String,
    /// Whether the same command may succeed later.
    pub temporary: bool,
    /// When to try again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
    /// To find it in the server's log.
    pub correlation_id: String,
}

/// The data of `token.expiring`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct TokenExpiring {
    /// When, by the server's clock.
    pub expires_at: Timestamp,
}

/// The data of the `ack` to `typing`: none.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Done {}

/// The data of `warning`: something is about to be refused or slowed down. Nothing was, so far.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Warning {
    /// Of what: `rate_limited`.
    pub code: ErrorCode,
    /// What to do about it.
    pub message: String,
    /// How long to pause.
    pub retry_after_ms: u64,
}

/// The data of `closing`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Closing {
    /// The close code that will follow.
    pub code: u16,
    /// Whether to connect again.
    pub reconnect: bool,
    /// When to connect again.
    pub retry_after_ms: u64,
}

/// What every server frame is written as and read from.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Envelope {
    r#type: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(default, skip_serializing_if = "Value::is_null")]
    data: Value,
}

impl ServerFrame {
    /// The text of a text frame.
    pub fn to_text(&self) -> String {
        let (kind, id, data) = match self {
            Self::Event(event) => return event.to_text(),
            Self::Welcome(id, data) => ("welcome", id, to_json(data)),
            Self::Subscribed(id, data) => ("subscribed", id, to_json(data)),
            Self::Unsubscribed(id, data) => ("unsubscribed", id, to_json(data)),
            Self::Ack(id, data) => ("ack", id, to_json(data)),
            Self::ChunkStored(id, data) => ("ack", id, to_json(data)),
            Self::TokenRefreshed(id, data) => ("ack", id, to_json(data)),
            Self::Error(id, data) => ("error", id, to_json(data)),
            Self::Ping => return r#"{"type":"ping"}"#.to_owned(),
            Self::TokenExpiring(data) => ("token.expiring", &None, to_json(data)),
            Self::Presence(data) => ("presence", &None, to_json(data)),
            Self::PresenceState(data) => ("presence.state", &None, to_json(data)),
            Self::Typing(data) => ("typing", &None, to_json(data)),
            Self::Warning(data) => ("warning", &None, to_json(data)),
            Self::Done(id, data) => ("ack", id, to_json(data)),
            Self::FileProgress(data) => ("file.progress", &None, to_json(data)),
            Self::Closing(data) => ("closing", &None, to_json(data)),
        };
        match id {
            Some(id) => format!(r#"{{"type":"{kind}","id":{},"data":{data}}}"#, to_json(id)),
            None => format!(r#"{{"type":"{kind}","data":{data}}}"#),
        }
    }

    /// Reads a text frame. Unknown fields are ignored: a newer server may say more.
    ///
    /// # Errors
    /// The text is no frame of this protocol.
    pub fn parse(text: &str) -> Result<Self, serde_json::Error> {
        // Events are by far the most frequent. Only they, and errors, say what caused them.
        if text.contains(r#""correlation_id":"#)
            && let Ok(event) = serde_json::from_str::<Event>(text)
        {
            return Ok(Self::Event(event));
        }
        let Envelope { r#type, id, data } = serde_json::from_str(text)?;
        use serde_json::from_value;
        Ok(match r#type.as_str() {
            "welcome" => Self::Welcome(id, from_value(data)?),
            "subscribed" => Self::Subscribed(id, from_value(data)?),
            "unsubscribed" => Self::Unsubscribed(id, from_value(data)?),
            "ack" if data.as_object().is_some_and(serde_json::Map::is_empty) => Self::Done(id, Done {}),
            "ack" if data.get("token_expires_at").is_some() => Self::TokenRefreshed(id, from_value(data)?),
            "ack" if data.get("file").is_some() => Self::ChunkStored(id, from_value(data)?),
            "ack" => Self::Ack(id, from_value(data)?),
            "error" => Self::Error(id, from_value(data)?),
            "ping" => Self::Ping,
            "token.expiring" => Self::TokenExpiring(from_value(data)?),
            "presence" => Self::Presence(from_value(data)?),
            "presence.state" => Self::PresenceState(from_value(data)?),
            "typing" => Self::Typing(from_value(data)?),
            "warning" => Self::Warning(from_value(data)?),
            "file.progress" => Self::FileProgress(from_value(data)?),
            "closing" => Self::Closing(from_value(data)?),
            unknown => return Err(serde::de::Error::custom(format!("`{unknown}` is no frame of the server"))),
        })
    }

    /// The `type` on the wire.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Welcome(..) => "welcome",
            Self::Subscribed(..) => "subscribed",
            Self::Unsubscribed(..) => "unsubscribed",
            Self::Ack(..) | Self::Done(..) | Self::ChunkStored(..) | Self::TokenRefreshed(..) => "ack",
            Self::Error(..) => "error",
            Self::Event(event) => event.body.kind(),
            Self::Ping => "ping",
            Self::TokenExpiring(_) => "token.expiring",
            Self::Presence(_) => "presence",
            Self::PresenceState(_) => "presence.state",
            Self::Typing(_) => "typing",
            Self::Warning(_) => "warning",
            Self::FileProgress(_) => "file.progress",
            Self::Closing(_) => "closing",
        }
    }

    /// The `id` of the command that this frame answers.
    pub fn reply_to(&self) -> Option<&str> {
        match self {
            Self::Welcome(id, _)
            | Self::Subscribed(id, _)
            | Self::Unsubscribed(id, _)
            | Self::Ack(id, _)
            | Self::ChunkStored(id, _)
            | Self::TokenRefreshed(id, _)
            | Self::Done(id, _)
            | Self::Error(id, _) => id.as_deref(),
            _ => None,
        }
    }

    /// The message that an event or an acknowledgement carries.
    pub fn message(&self) -> Option<&Message> {
        match self {
            Self::Ack(_, ack) => ack.object.message(),
            Self::Event(event) => event.body.message(),
            _ => None,
        }
    }
}

pub(super) fn to_json<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("frames have only string keys and finite numbers")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_survives_the_wire() {
        let stream: StreamId = "room:01890000-0000-7000-8000-000000000001".parse().unwrap();
        let state = StreamState { stream, seq: 3, epoch: Epoch(9), recovered: true };
        for frame in [
            ServerFrame::Subscribed(Some("a\"b".into()), state),
            ServerFrame::Unsubscribed(
                None,
                Unsubscribed { stream, code: Some(ErrorCode::Forbidden), reason: Some("removed".into()) },
            ),
            ServerFrame::TokenRefreshed(Some("1".into()), TokenRefreshed { token_expires_at: Timestamp(5) }),
            ServerFrame::Ping,
            ServerFrame::Closing(Closing { code: 1012, reconnect: true, retry_after_ms: 5 }),
        ] {
            assert_eq!(ServerFrame::parse(&frame.to_text()).unwrap(), frame);
        }
    }
}
