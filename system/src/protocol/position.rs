//! Streams and positions: where a client is in an ordered sequence of events (PROTOCOL.md, promise 1).

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::bound::UUID_PATTERN;
use super::object_only::ObjectOnly;
use super::{CompanyId, RoomId, UserId, text};

/// One ordered sequence of events that a client can follow and resume. On the wire: `room:<uuid>`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum StreamId {
    /// What everybody of the company but its guests may know: users, roles, rooms that are public.
    Company(CompanyId),
    /// What happens in one room.
    Room(RoomId),
    /// What concerns one user only: rooms joined and left, sessions revoked.
    User(UserId),
}

impl fmt::Display for StreamId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Company(id) => write!(formatter, "company:{id}"),
            Self::Room(id) => write!(formatter, "room:{id}"),
            Self::User(id) => write!(formatter, "user:{id}"),
        }
    }
}

/// The text is not `company:<uuid>`, `room:<uuid>` or `user:<uuid>`.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` names no stream: expected company:<uuid>, room:<uuid> or user:<uuid>")]
pub struct StreamIdError(String);

impl FromStr for StreamId {
    type Err = StreamIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let refused = || StreamIdError(text.chars().take(80).collect());
        let (kind, id) = text.split_once(':').ok_or_else(refused)?;
        match kind {
            "company" => id.parse().map(Self::Company).map_err(|_| refused()),
            "room" => id.parse().map(Self::Room).map_err(|_| refused()),
            "user" => id.parse().map(Self::User).map_err(|_| refused()),
            _ => Err(refused()),
        }
    }
}

impl Serialize for StreamId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for StreamId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        text::deserialize(deserializer)
    }
}

impl JsonSchema for StreamId {
    fn schema_name() -> Cow<'static, str> {
        "StreamId".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let uuid = UUID_PATTERN.trim_matches(['^', '$']);
        json_schema!({
            "type": "string",
            "pattern": format!("^(company|room|user):{uuid}$"),
            "description": "One ordered sequence of events that a client can follow and resume: a company's, a room's \
                            or a user's own.",
        })
    }
}

/// The incarnation of a stream's history. It changes exactly when history may have been lost, never on a restart.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Epoch(pub u32);

/// A place in one stream: everything up to and including `seq` is known.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, remote = "Self")]
pub struct Position {
    /// The last event known; 0 before the first.
    pub seq: u64,
    /// The history that `seq` counts in.
    pub epoch: Epoch,
}

/// A [`Position`] and the stream that it is in.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, remote = "Self")]
pub struct StreamPosition {
    /// The stream.
    pub stream: StreamId,
    /// The last event known; 0 before the first.
    pub seq: u64,
    /// The history that `seq` counts in.
    pub epoch: Epoch,
}

impl StreamPosition {
    /// The position without its stream.
    pub fn position(&self) -> Position {
        Position { seq: self.seq, epoch: self.epoch }
    }
}

macro_rules! read_from_objects_only {
    ($($name:ident),*) => {
        $(impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Self::deserialize(ObjectOnly(deserializer))
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                Self::serialize(self, serializer)
            }
        })*
    };
}

read_from_objects_only!(Position, StreamPosition);
