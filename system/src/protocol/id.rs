//! Identifiers: UUIDs (version 7, built from the platform's clock and entropy), one type for each kind of object.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize};
use uuid::Uuid;

use super::bound::UUID_PATTERN;
use super::text;

/// The text is not a UUID in its one form.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("not an identifier: expected a UUID of 36 characters with hyphens")]
pub struct IdError;

/// Reads the one form that is also written. The others of the `uuid` crate (braced, `urn:uuid:`, without hyphens) are
/// refused, as the published schemas say.
fn read(text: &str) -> Result<Uuid, IdError> {
    const HYPHENATED: usize = uuid::fmt::Hyphenated::LENGTH;
    if text.len() != HYPHENATED { Err(IdError) } else { Uuid::parse_str(text).map_err(|_| IdError) }
}

macro_rules! identifier {
    ($(#[doc = $doc:literal])* $name:ident) => {
        $(#[doc = $doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, formatter)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(formatter, concat!(stringify!($name), "({})"), self.0)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                read(text).map(Self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                text::deserialize(deserializer)
            }
        }

        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                let description = concat!($($doc),*).trim();
                json_schema!({
                    "type": "string", "format": "uuid", "pattern": UUID_PATTERN, "description": description
                })
            }
        }
    };
}

identifier!(
    /// A company: the tenant that owns users and rooms.
    CompanyId
);
identifier!(
    /// A user of one company.
    UserId
);
identifier!(
    /// A room of one company.
    RoomId
);
identifier!(
    /// A message in one room.
    MessageId
);
identifier!(
    /// A file, from the creation of its upload on.
    FileId
);
identifier!(
    /// An invitation into one company.
    InvitationId
);
identifier!(
    /// A thread of replies below one message.
    ThreadId
);
identifier!(
    /// A login on one device: the family of all refresh tokens that descend from it.
    SessionId
);
