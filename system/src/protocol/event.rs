//! Events: what was committed, in a stream's order. An event is a fact; it is never changed or taken back.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::frame::to_json;
use super::{
    Company, Epoch, File, FileDeleted, FileFailed, Member, Message, MessageId, Position, Quota, ReadMarker, Room,
    RoomId, SessionId, StreamId, Thread, ThreadId, Timestamp, User, UserId, UserStatus,
};

/// One committed fact at its position in one stream.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct Event {
    /// What happened: `type` and `data` on the wire.
    #[serde(flatten)]
    pub body: EventBody,
    /// The stream.
    pub stream: StreamId,
    /// Its place: gapless from 1 in its stream.
    pub seq: u64,
    /// The history that `seq` counts in.
    pub epoch: Epoch,
    /// Who caused it.
    pub sender: UserId,
    /// When it was committed, by the server's clock.
    pub timestamp: Timestamp,
    /// The correlation id of the request or frame that caused it.
    pub correlation_id: String,
}

impl Event {
    /// Its place in its stream.
    pub fn position(&self) -> Position {
        Position { seq: self.seq, epoch: self.epoch }
    }

    /// Its text frame.
    pub fn to_text(&self) -> String {
        to_json(self)
    }
}

/// What happened.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", content = "data")]
pub enum EventBody {
    /// Company stream: the company registered.
    #[serde(rename = "company.created")]
    CompanyCreated(Company),
    /// Company stream: a user exists.
    #[serde(rename = "user.created")]
    UserCreated(User),
    /// Company stream and the user's own: a profile or a role changed, or the user was deactivated or activated again.
    #[serde(rename = "user.updated")]
    UserUpdated(User),
    /// Room stream, always its first event; company stream too when the room is public.
    #[serde(rename = "room.created")]
    RoomCreated(Room),
    /// Room stream: it was renamed, archived or taken out of the archive, or its visibility changed. Company stream too
    /// while the room is public; the first one there may be of a room that was private until now.
    #[serde(rename = "room.updated")]
    RoomUpdated(Room),
    /// Company stream: the room is public no longer, so the company's stream says no more of it. It goes on for those
    /// who are in it.
    #[serde(rename = "room.hidden")]
    RoomHidden(RoomHidden),
    /// Room stream, always its last event: the room and all that was in it are gone, and every follower is
    /// unsubscribed. Company stream too when the room was public.
    #[serde(rename = "room.deleted")]
    RoomDeleted(RoomDeleted),
    /// Room stream: somebody was added or joined.
    #[serde(rename = "member.added")]
    MemberAdded(Member),
    /// Room stream: somebody was removed or left.
    #[serde(rename = "member.removed")]
    MemberRemoved(MemberRemoved),
    /// Room stream: somebody said something.
    #[serde(rename = "message.created")]
    MessageCreated(Message),
    /// Room stream: the author changed the text of a message.
    #[serde(rename = "message.updated")]
    MessageUpdated(Message),
    /// Room stream: a message was deleted; what is left of it is a tombstone.
    #[serde(rename = "message.deleted")]
    MessageDeleted(Message),
    /// Room stream: somebody opened a thread.
    #[serde(rename = "thread.opened")]
    ThreadOpened(Thread),
    /// Room stream, right after a reply was created or deleted: what is known of its thread now.
    #[serde(rename = "thread.updated")]
    ThreadUpdated(Thread),
    /// The user's own stream: somebody else replied in a thread that they follow, for they wrote its root, opened it or
    /// replied in it. It names the message without its text, which only those in the room may read.
    #[serde(rename = "thread.replied")]
    ThreadReplied(ThreadReplied),
    /// The user's own stream: they have read a room further.
    #[serde(rename = "read.updated")]
    ReadUpdated(ReadMarker),
    /// The user's own stream: they are in this room from now on.
    #[serde(rename = "room.joined")]
    RoomJoined(Room),
    /// The user's own stream: they are no longer in this room.
    #[serde(rename = "room.left")]
    RoomLeft(RoomLeft),
    /// The user's own stream: a session ended before its time (logout, revocation, another password, reuse of a refresh
    /// token, deactivation).
    #[serde(rename = "session.revoked")]
    SessionRevoked(SessionRevoked),
    /// The user's own stream: they chose another status.
    #[serde(rename = "status.updated")]
    StatusUpdated(UserStatus),
    /// The owner's own stream: an upload was created, and its size reserved.
    #[serde(rename = "file.created")]
    FileCreated(File),
    /// The owner's own stream, and the room's for a room's file: all bytes are durable, the file can be read.
    #[serde(rename = "file.completed")]
    FileCompleted(File),
    /// The owner's own stream: an upload ended before the file was complete.
    #[serde(rename = "file.failed")]
    FileFailed(FileFailed),
    /// The owner's own stream, and the room's for a room's file: a complete file is no more.
    #[serde(rename = "file.deleted")]
    FileDeleted(FileDeleted),
    /// The user's own stream: how much of their quota is taken now.
    #[serde(rename = "quota.updated")]
    QuotaUpdated(Quota),
}

impl EventBody {
    /// The `type` on the wire.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::CompanyCreated(_) => "company.created",
            Self::UserCreated(_) => "user.created",
            Self::UserUpdated(_) => "user.updated",
            Self::RoomCreated(_) => "room.created",
            Self::RoomUpdated(_) => "room.updated",
            Self::RoomHidden(_) => "room.hidden",
            Self::RoomDeleted(_) => "room.deleted",
            Self::MemberAdded(_) => "member.added",
            Self::MemberRemoved(_) => "member.removed",
            Self::MessageCreated(_) => "message.created",
            Self::MessageUpdated(_) => "message.updated",
            Self::MessageDeleted(_) => "message.deleted",
            Self::ThreadOpened(_) => "thread.opened",
            Self::ThreadUpdated(_) => "thread.updated",
            Self::ThreadReplied(_) => "thread.replied",
            Self::ReadUpdated(_) => "read.updated",
            Self::RoomJoined(_) => "room.joined",
            Self::RoomLeft(_) => "room.left",
            Self::SessionRevoked(_) => "session.revoked",
            Self::StatusUpdated(_) => "status.updated",
            Self::FileCreated(_) => "file.created",
            Self::FileCompleted(_) => "file.completed",
            Self::FileFailed(_) => "file.failed",
            Self::FileDeleted(_) => "file.deleted",
            Self::QuotaUpdated(_) => "quota.updated",
        }
    }
}

impl EventBody {
    /// The message that the event is about, as it left it.
    pub fn message(&self) -> Option<&Message> {
        match self {
            Self::MessageCreated(message) | Self::MessageUpdated(message) | Self::MessageDeleted(message) => {
                Some(message)
            }
            _ => None,
        }
    }
}

/// The data of `room.hidden`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct RoomHidden {
    /// The room.
    pub room: RoomId,
}

/// The data of `room.deleted`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct RoomDeleted {
    /// The room.
    pub room: RoomId,
}

/// The data of `member.removed`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct MemberRemoved {
    /// The room.
    pub room: RoomId,
    /// Who is no longer in it.
    pub user: UserId,
    /// Who removed them; the user themselves when they left.
    pub removed_by: UserId,
}

/// The data of `thread.replied`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ThreadReplied {
    /// The thread.
    pub thread: ThreadId,
    /// Its room.
    pub room: RoomId,
    /// The reply.
    pub message: MessageId,
}

/// The data of `room.left`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct RoomLeft {
    /// The room.
    pub room: RoomId,
}

/// The data of `session.revoked`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct SessionRevoked {
    /// The session.
    pub session: SessionId,
}
