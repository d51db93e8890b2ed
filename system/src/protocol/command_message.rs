//! The data of the commands about messages and read markers. Each has its counterpart in REST, and does the same.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{MessageId, RoomId, ThreadId, bound};

/// The data of `message.send`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MessageSend {
    /// The room.
    pub room: RoomId,
    /// The thread to reply in; absent: the message stands in the room itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread: Option<ThreadId>,
    /// The text, 1 to 8,000 characters.
    #[schemars(with = "bound::MessageBody")]
    pub body: String,
    /// Unique for this user and operation; a repeat has no second effect. 1 to 64 visible ASCII characters. Keys that begin
    /// with a time, such as UUIDs of version 7, are cheapest to keep.
    #[schemars(with = "bound::Key")]
    pub idempotency_key: String,
}

/// The data of `message.edit`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MessageEdit {
    /// The room.
    pub room: RoomId,
    /// The message: one's own.
    pub message: MessageId,
    /// The new text, 1 to 8,000 characters.
    #[schemars(with = "bound::MessageBody")]
    pub body: String,
    /// The version that the edit is made from: refused if the message has another. Absent: whichever it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u64>,
    /// Unique for this user and operation; a repeat has no second effect. 1 to 64 visible ASCII characters.
    #[schemars(with = "bound::Key")]
    pub idempotency_key: String,
}

/// The data of `message.delete`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MessageDelete {
    /// The room.
    pub room: RoomId,
    /// The message: one's own, or an admin's choice.
    pub message: MessageId,
    /// Unique for this user and operation; a repeat has no second effect. 1 to 64 visible ASCII characters.
    #[schemars(with = "bound::Key")]
    pub idempotency_key: String,
}

/// The data of `read`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Read {
    /// The room.
    pub room: RoomId,
    /// Everything up to this position of the room's stream is read. An earlier one than before changes nothing.
    pub seq: u64,
}
