//! Who is there: the status that a user chose, what others see of it, and who is typing.
//!
//! What a user *chose* is durable and an event of their own stream. What others *see* is made of it and of the user's
//! connections, and is pushed without a position: the newest counts (PROTOCOL.md, promise 9; REQUIREMENTS.md IT-6).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::bound;
use super::{RoomId, StreamId, UserId};

/// How reachable somebody is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// There.
    Online,
    /// There, but not at the keyboard.
    Away,
    /// There, and not to be disturbed.
    Busy,
    /// Not there. Chosen: wants to look as if.
    Offline,
}

impl Status {
    /// The name used on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Online => "online",
            Self::Away => "away",
            Self::Busy => "busy",
            Self::Offline => "offline",
        }
    }
}

/// The status that a user chose: `online` until they choose another. Durable. The data of the event `status.updated`, the
/// answer of `PUT /users/me/status`, and the object that `status.set` is acknowledged with.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct UserStatus {
    /// Who.
    pub user: UserId,
    /// How reachable they want to look while they are connected.
    pub status: Status,
    /// What they say about it, 1 to 80 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// The data of `status.set`, and the body of `PUT /users/me/status`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StatusSet {
    /// How reachable to look from now on, until another is chosen; `offline` looks as if not connected.
    pub status: Status,
    /// 1 to 80 characters that others see beside it; absent: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<bound::StatusText>")]
    pub text: Option<String>,
}

/// What others see of a user: the data of the push `presence`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Presence {
    /// The company's stream: who may follow it sees who is there. Guests see nobody.
    pub stream: StreamId,
    /// Who.
    pub user: UserId,
    /// `offline` while no connection of theirs lives, or was alive within the grace; else what they chose.
    pub status: Status,
    /// What they say about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Grows with every change of anybody's presence since the server started: of two, the greater is newer. It is
    /// comparable within one connection, for a connection never outlives its server.
    pub generation: u64,
}

/// Everybody of the company who is not offline: the data of the push `presence.state`. It follows each reply that begins
/// the company's stream, and replaces all that was known of anybody's presence.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct PresenceState {
    /// The company's stream.
    pub stream: StreamId,
    /// Everybody, by identifier. Who is not among them is offline, if `complete`.
    pub users: Vec<Presence>,
    /// False in companies with so many people that one frame does not hold them: `GET /presence` has the others.
    pub complete: bool,
}

/// `GET /presence`: who of the company is not offline.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct PresenceList {
    /// By identifier.
    pub users: Vec<Presence>,
    /// Hand this over as `cursor` for the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// The data of the command `typing`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StartTyping {
    /// Where. Say it again while it lasts; more often than the server passes it on is harmless.
    pub room: RoomId,
}

/// The data of the push `typing`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Typing {
    /// The room's stream.
    pub stream: StreamId,
    /// Who types.
    pub user: UserId,
    /// For how long to show it, unless it comes again.
    pub expires_ms: u64,
}
