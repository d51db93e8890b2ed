//! What a client says on the WebSocket.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::bound::FRAME_ID_CHARACTERS;
use super::{
    ErrorCode, MessageDelete, MessageEdit, MessageSend, Position, Read, StartTyping, StatusSet, StreamId,
    StreamPosition, object_only,
};

/// A frame from a client: `{"type", "id"?, "data"}`. Unknown fields are refused.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ClientFrame {
    /// Comes back on the reply. At most 64 characters.
    pub id: Option<String>,
    /// What is asked.
    pub command: Command,
}

/// What a client can ask.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[serde(tag = "type", content = "data")]
pub enum Command {
    /// Must come first, once.
    #[serde(rename = "hello")]
    Hello(Hello),
    /// Follow one more stream.
    #[serde(rename = "subscribe")]
    Subscribe(Subscribe),
    /// Follow one stream less, until `subscribe`: on this connection, no change of rights brings it back.
    #[serde(rename = "unsubscribe")]
    Unsubscribe(Unsubscribe),
    /// Say something in a room.
    #[serde(rename = "message.send")]
    MessageSend(MessageSend),
    /// Change the text of one's own message.
    #[serde(rename = "message.edit")]
    MessageEdit(MessageEdit),
    /// Make a message a tombstone.
    #[serde(rename = "message.delete")]
    MessageDelete(MessageDelete),
    /// Say how far one has read a room.
    #[serde(rename = "read")]
    Read(Read),
    /// Choose how reachable to look.
    #[serde(rename = "status.set")]
    StatusSet(StatusSet),
    /// Show that one types in a room.
    #[serde(rename = "typing")]
    Typing(StartTyping),
    /// Put a new access token under this connection.
    #[serde(rename = "auth.refresh")]
    AuthRefresh(AuthRefresh),
    /// The answer to a `ping` push.
    #[serde(rename = "pong")]
    Pong,
}

impl Command {
    /// The `type` of its frame.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Hello(_) => "hello",
            Self::Subscribe(_) => "subscribe",
            Self::Unsubscribe(_) => "unsubscribe",
            Self::MessageSend(_) => "message.send",
            Self::MessageEdit(_) => "message.edit",
            Self::MessageDelete(_) => "message.delete",
            Self::Read(_) => "read",
            Self::StatusSet(_) => "status.set",
            Self::Typing(_) => "typing",
            Self::AuthRefresh(_) => "auth.refresh",
            Self::Pong => "pong",
        }
    }
}

/// The data of `hello`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Hello {
    /// Where the client is in the streams that it knows.
    #[serde(default)]
    pub positions: Vec<StreamPosition>,
    /// What it wants to follow.
    #[serde(default)]
    pub follow: Follow,
}

/// Which streams a connection follows.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum Follow {
    /// All that the user may see, now and as rights change. On the wire: `"all"`.
    #[default]
    All,
    /// These. On the wire: a list.
    These(Vec<StreamId>),
}

/// The data of `subscribe`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Subscribe {
    /// The stream.
    pub stream: StreamId,
    /// Where the client is in it; absent: from now on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<Position>,
}

/// The data of `unsubscribe`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Unsubscribe {
    /// The stream.
    pub stream: StreamId,
}

/// The data of `auth.refresh`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AuthRefresh {
    /// An access token of the same user and session.
    pub token: String,
}

/// A frame that is refused, with the `id` to answer to where it could be read.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct FrameError {
    /// The `id` of the refused frame.
    pub id: Option<String>,
    /// Which kind of mistake.
    pub code: ErrorCode,
    /// What was wrong and what would be right.
    pub message: String,
}

impl ClientFrame {
    /// Reads a text frame.
    ///
    /// # Errors
    /// Bad JSON, a missing or unknown field, a wrong type, an unknown command.
    pub fn parse(text: &str) -> Result<Self, FrameError> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Envelope<'a> {
            r#type: String,
            id: Option<String>,
            #[serde(borrow)]
            data: Option<&'a RawValue>,
        }

        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Nothing {}

        let invalid = |id: Option<String>, message: String| FrameError { id, code: ErrorCode::InvalidRequest, message };
        let envelope: Envelope<'_> =
            object_only::from_slice(text.as_bytes()).map_err(|error| invalid(None, format!("not a frame: {error}")))?;
        let id = envelope.id;
        if id.as_ref().is_some_and(|id| id.chars().count() > FRAME_ID_CHARACTERS) {
            return Err(invalid(None, format!("`id` is longer than {FRAME_ID_CHARACTERS} characters")));
        }
        let data = envelope.data.map_or("{}", RawValue::get);

        fn read<'a, T: Deserialize<'a>>(kind: &str, data: &'a str, id: &Option<String>) -> Result<T, FrameError> {
            object_only::from_slice(data.as_bytes()).map_err(|error| FrameError {
                id: id.clone(),
                code: ErrorCode::InvalidRequest,
                message: format!("the data of `{kind}` is wrong: {error}"),
            })
        }
        let kind = envelope.r#type.as_str();
        let command = match kind {
            "hello" => Command::Hello(read(kind, data, &id)?),
            "subscribe" => Command::Subscribe(read(kind, data, &id)?),
            "unsubscribe" => Command::Unsubscribe(read(kind, data, &id)?),
            "message.send" => Command::MessageSend(read(kind, data, &id)?),
            "message.edit" => Command::MessageEdit(read(kind, data, &id)?),
            "message.delete" => Command::MessageDelete(read(kind, data, &id)?),
            "read" => Command::Read(read(kind, data, &id)?),
            "status.set" => Command::StatusSet(read(kind, data, &id)?),
            "typing" => Command::Typing(read(kind, data, &id)?),
            "auth.refresh" => Command::AuthRefresh(read(kind, data, &id)?),
            "pong" => {
                let Nothing {} = read(kind, data, &id)?;
                Command::Pong
            }
            unknown => {
                let unknown: String = unknown.chars().take(FRAME_ID_CHARACTERS).collect();
                return Err(FrameError {
                    id,
                    code: ErrorCode::UnknownCommand,
                    message: format!(
                        "`{unknown}` is no command: expected hello, subscribe, unsubscribe, message.send, \
                         message.edit, message.delete, read, status.set, typing, auth.refresh or pong"
                    ),
                });
            }
        };
        Ok(Self { id, command })
    }

    /// The text that [`ClientFrame::parse`] reads.
    pub fn to_text(&self) -> String {
        #[derive(Serialize)]
        struct Envelope<'a> {
            #[serde(skip_serializing_if = "Option::is_none")]
            id: &'a Option<String>,
            #[serde(flatten)]
            command: &'a Command,
        }
        serde_json::to_string(&Envelope { id: &self.id, command: &self.command })
            .expect("a command has only string keys and finite numbers")
    }
}

impl Serialize for Follow {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::All => serializer.serialize_str("all"),
            Self::These(streams) => streams.serialize(serializer),
        }
    }
}

impl JsonSchema for Follow {
    fn schema_name() -> Cow<'static, str> {
        "Follow".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let streams = generator.subschema_for::<Vec<StreamId>>();
        json_schema!({
            "description": "Which streams a connection follows.",
            "anyOf": [
                {"const": "all", "description": "All that the user may see, now and as rights change."},
                streams,
            ],
        })
    }
}

impl<'de> Deserialize<'de> for Follow {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Either {
            Word(String),
            List(Vec<StreamId>),
        }
        match Either::deserialize(deserializer) {
            Ok(Either::Word(word)) if word == "all" => Ok(Self::All),
            Ok(Either::List(streams)) => Ok(Self::These(streams)),
            Ok(Either::Word(_)) | Err(_) => {
                Err(serde::de::Error::custom("`follow` is \"all\" or a list of streams such as \"room:<uuid>\""))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{MessageId, RoomId, ThreadId};

    #[test]
    fn a_frame_survives_the_wire() {
        let stream: StreamId = "room:01890000-0000-7000-8000-000000000001".parse().unwrap();
        let id = uuid::Uuid::from_u128(1);
        let (room, message, key) = (RoomId(id), MessageId(id), String::from("k"));
        for command in [
            Command::Hello(Hello { positions: vec![], follow: Follow::All }),
            Command::Hello(Hello { positions: vec![], follow: Follow::These(vec![stream]) }),
            Command::Subscribe(Subscribe { stream, position: None }),
            Command::MessageSend(MessageSend {
                room,
                thread: Some(ThreadId(id)),
                body: "hi".into(),
                idempotency_key: key.clone(),
            }),
            Command::MessageEdit(MessageEdit {
                room,
                message,
                body: "ho".into(),
                version: Some(1),
                idempotency_key: key.clone(),
            }),
            Command::MessageDelete(MessageDelete { room, message, idempotency_key: key }),
            Command::Read(Read { room, seq: 7 }),
            Command::Pong,
        ] {
            let frame = ClientFrame { id: Some("7".into()), command };
            assert_eq!(ClientFrame::parse(&frame.to_text()).unwrap(), frame);
        }
    }

    #[test]
    fn mistakes_are_named() {
        let check = |text: &str, code: ErrorCode, hint: &str| {
            let error = ClientFrame::parse(text).unwrap_err();
            assert_eq!(error.code, code, "{text}");
            assert!(error.message.contains(hint), "{text}: {}", error.message);
        };
        check("{", ErrorCode::InvalidRequest, "EOF");
        check("[]", ErrorCode::InvalidRequest, "not a frame");
        check(r#"{"type":"dance"}"#, ErrorCode::UnknownCommand, "`dance`");
        check(r#"{"type":"pong","extra":1}"#, ErrorCode::InvalidRequest, "extra");
        check(r#"{"type":"pong","data":{"x":1}}"#, ErrorCode::InvalidRequest, "`x`");
        check(r#"{"type":"subscribe","data":{}}"#, ErrorCode::InvalidRequest, "stream");
        check(r#"{"type":"subscribe","data":{"stream":"x"}}"#, ErrorCode::InvalidRequest, "names no stream");
        check(r#"{"type":"hello","data":{"follow":"some"}}"#, ErrorCode::InvalidRequest, "\"all\"");
        check(r#"{"type":"hello","id":"1","data":{"x":1}}"#, ErrorCode::InvalidRequest, "`x`");
    }
}
