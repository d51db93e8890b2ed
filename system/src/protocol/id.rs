//! Identifiers: UUIDs (version 7, built from the platform's clock and entropy), one type for each kind of object.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! identifier {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
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
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
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
