//! What is said in rooms: messages, threads of replies, and how far somebody has read. As for every object, one JSON
//! shape in answers, events and snapshots (REQUIREMENTS.md IT-3).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::bound::BODY_CHARACTERS;
use super::{FeedSource, MessageId, RoomId, ThreadId, Timestamp, UserId};

/// What somebody said in a room. Once deleted it is a tombstone: it keeps its place, its body is empty.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Message {
    /// Its identifier.
    pub id: MessageId,
    /// The room.
    pub room: RoomId,
    /// The thread that it is a reply in; absent: it stands in the room itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread: Option<ThreadId>,
    /// Who wrote it.
    pub author: UserId,
    /// The text, 1 to 8,000 characters; empty once deleted.
    #[schemars(length(max = BODY_CHARACTERS))]
    pub body: String,
    /// The position of its creation in the room's stream.
    pub seq: u64,
    /// 1 when it was created, and 1 more with each edit and with its deletion: what an `ETag` says of it.
    pub version: u64,
    /// When it was committed, by the server's clock.
    pub created_at: Timestamp,
    /// When its author last changed the text; absent: never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edited_at: Option<Timestamp>,
    /// When it was deleted; absent: it was not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted_at: Option<Timestamp>,
    /// The line of a conversation file that it is fed from; absent from messages that people wrote.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub feed: Option<Box<FeedSource>>,
}

/// Replies below one message. Threads are flat: a reply has none of its own.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Thread {
    /// Its identifier.
    pub id: ThreadId,
    /// The room.
    pub room: RoomId,
    /// The message that is replied to. At most one thread has it.
    pub root: MessageId,
    /// Who opened it.
    pub opened_by: UserId,
    /// When it was opened, by the server's clock.
    pub opened_at: Timestamp,
    /// The position of its opening in the room's stream.
    pub seq: u64,
    /// How many replies it has, without those that were deleted.
    pub replies: u64,
    /// The newest reply, deleted or not; absent: nobody has replied yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_reply: Option<LastReply>,
}

/// The newest reply of a thread.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct LastReply {
    /// The message.
    pub message: MessageId,
    /// Who wrote it.
    pub author: UserId,
    /// The position of its creation in the room's stream.
    pub seq: u64,
    /// When it was committed, by the server's clock.
    pub created_at: Timestamp,
}

/// How far a user has read a room, and what that leaves.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ReadMarker {
    /// The room.
    pub room: RoomId,
    /// Everything up to this position of the room's stream is read. It only grows.
    pub seq: u64,
    /// How many messages of others came after it and were not deleted, replies too.
    pub unread: u64,
}

/// How far a user has read a room, as their own stream's snapshot holds it: without a count, which other streams change.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ReadPosition {
    /// The room.
    pub room: RoomId,
    /// Everything up to this position of the room's stream is read.
    pub seq: u64,
}
