//! What a user can do, and what became of it.

use std::fmt;
use std::future::Future;
use std::ops::Range;
use std::pin::Pin;
use std::task::{Context, Poll};

use serde::Serialize;
use tokio::sync::oneshot;

use super::rest::Answer;
use super::upload::Upload;
use crate::protocol::{
    Ack, ErrorCode, FileId, InvitationId, MessageId, Position, Role, RoomId, SessionId, Status, StreamId, StreamState,
    ThreadId, UserId, Visibility,
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
    /// Replies in a thread on the WebSocket.
    SendReply {
        /// Where.
        room: RoomId,
        /// In which thread of it.
        thread: ThreadId,
        /// The text.
        body: String,
    },
    /// Replies in a thread over REST.
    PostReply {
        /// Where.
        room: RoomId,
        /// In which thread of it.
        thread: ThreadId,
        /// The text.
        body: String,
    },
    /// Changes the text of a message on the WebSocket.
    SendEdit {
        /// Where.
        room: RoomId,
        /// Which one.
        message: MessageId,
        /// The new text.
        body: String,
        /// Only if it has this version; absent: whichever it has.
        version: Option<u64>,
    },
    /// Changes the text of a message over REST.
    EditMessage {
        /// Where.
        room: RoomId,
        /// Which one.
        message: MessageId,
        /// The new text.
        body: String,
        /// Only if it has this version; absent: whichever it has.
        version: Option<u64>,
    },
    /// Deletes a message on the WebSocket.
    SendDeletion {
        /// Where.
        room: RoomId,
        /// Which one.
        message: MessageId,
    },
    /// Deletes a message over REST.
    DeleteMessage {
        /// Where.
        room: RoomId,
        /// Which one.
        message: MessageId,
        /// Only if it has this version; absent: whichever it has.
        version: Option<u64>,
    },
    /// Opens the thread of a message.
    OpenThread {
        /// Where.
        room: RoomId,
        /// The message to reply to.
        message: MessageId,
    },
    /// Says on the WebSocket how far one has read a room.
    SendRead {
        /// Which.
        room: RoomId,
        /// Up to which position.
        seq: u64,
    },
    /// Says over REST how far one has read a room.
    MarkRead {
        /// Which.
        room: RoomId,
        /// Up to which position.
        seq: u64,
    },
    /// Chooses on the WebSocket how reachable to look.
    SendStatus {
        /// How.
        status: Status,
        /// 1 to 80 characters that others see beside it.
        text: Option<String>,
    },
    /// Chooses over REST how reachable to look.
    SetStatus {
        /// How.
        status: Status,
        /// 1 to 80 characters that others see beside it.
        text: Option<String>,
    },
    /// Shows those in a room that one types. Worth saying only at once: without a live connection it
    /// [lapses](Outcome::Lapsed).
    Typing {
        /// Where.
        room: RoomId,
    },
    /// Follows a stream again that was left with [`Operation::Unsubscribe`], from where its copy is.
    Subscribe {
        /// Which.
        stream: StreamId,
    },
    /// Follows a stream no longer, on this connection and on later ones, until [`Operation::Subscribe`]. Its copy is kept
    /// as it is, apart from the others.
    Unsubscribe {
        /// Which.
        stream: StreamId,
    },
    /// Creates a room.
    CreateRoom {
        /// Its name.
        name: String,
        /// Who may join it.
        visibility: Visibility,
    },
    /// Changes a room's name or visibility; what is absent stays as it is.
    UpdateRoom {
        /// Which one.
        room: RoomId,
        /// The new name.
        name: Option<String>,
        /// Who may join it from now on.
        visibility: Option<Visibility>,
        /// Only if it has this version; absent: whichever it has.
        version: Option<u64>,
    },
    /// Archives a room.
    ArchiveRoom {
        /// Which one.
        room: RoomId,
    },
    /// Takes a room out of the archive.
    UnarchiveRoom {
        /// Which one.
        room: RoomId,
    },
    /// Deletes a room with all that is in it.
    DeleteRoom {
        /// Which one.
        room: RoomId,
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
    /// Uploads a file, of whatever size, and carries it to its end through whatever interrupts it. Answered by the file's
    /// object.
    UploadFile(Upload),
    /// The same, with the bytes in binary frames on the WebSocket.
    SendFile(Upload),
    /// Reads a file's content: the answer's [`bytes`](Answer::bytes).
    DownloadFile {
        /// Which.
        file: FileId,
        /// Only these of its bytes, of which there must be some; absent: all of them.
        range: Option<Range<u64>>,
    },
    /// Deletes a file, or ends an upload.
    DeleteFile {
        /// Which.
        file: FileId,
    },
    /// Reads the first page of a room's files.
    ReadFiles {
        /// Which room's.
        room: RoomId,
    },
    /// Reads the first page of one's own files, uploads under way included.
    ReadOwnFiles,
    /// Reads how much of their quotas one and one's company have taken.
    ReadQuota,
    /// Deactivates a user.
    Deactivate {
        /// Whom.
        user: UserId,
    },
    /// Puts a deactivated user back into service.
    Activate {
        /// Whom.
        user: UserId,
    },
    /// Changes one's own name or email; what is absent stays as it is. The client logs in with the new email from then
    /// on.
    UpdateProfile {
        /// The new name.
        name: Option<String>,
        /// The new email.
        email: Option<String>,
        /// Only if one's user has this version; absent: whichever it has.
        version: Option<u64>,
    },
    /// Changes one's own password, which ends all other sessions. The client logs in with the new one from then on.
    ChangePassword {
        /// The password until now.
        current: String,
        /// The password from then on.
        new: String,
    },
    /// Invites somebody into the company. The answer holds the token to accept with.
    Invite {
        /// Their email.
        email: String,
        /// The role that they will have.
        role: Role,
    },
    /// Takes an invitation back.
    RevokeInvitation {
        /// Which one.
        invitation: InvitationId,
    },
    /// Ends one of one's own sessions.
    RevokeSession {
        /// Which one.
        session: SessionId,
    },
    /// Reads the first page of the rooms that one may know of.
    ReadRooms,
    /// Reads a room.
    ReadRoom {
        /// Which one.
        room: RoomId,
    },
    /// Reads the first page of a room's members.
    ReadMembers {
        /// Which room's.
        room: RoomId,
    },
    /// Reads the first page of the company's users.
    ReadUsers,
    /// Reads the first page of the company's invitations.
    ReadInvitations,
    /// Reads the first page of one's own sessions.
    ReadSessions,
    /// Reads what only a user and their admins see of the user.
    ReadAccount {
        /// Whose.
        user: UserId,
    },
    /// Reads the first page of a room's messages.
    ReadMessages {
        /// Which room's.
        room: RoomId,
    },
    /// Reads one message.
    ReadMessage {
        /// Where.
        room: RoomId,
        /// Which one.
        message: MessageId,
    },
    /// Reads the first page of a room's messages that hold a text.
    SearchMessages {
        /// Which room's.
        room: RoomId,
        /// The text.
        query: String,
    },
    /// Reads the first page of a room's threads.
    ReadThreads {
        /// Which room's.
        room: RoomId,
    },
    /// Reads the first page of a thread's replies.
    ReadReplies {
        /// Where.
        room: RoomId,
        /// Which thread's.
        thread: ThreadId,
    },
    /// Reads how far one has read a room.
    ReadMarker {
        /// Which.
        room: RoomId,
    },
    /// Reads what came after a position of a stream, over REST.
    ReadEvents {
        /// Which.
        stream: StreamId,
        /// The position.
        after: Position,
        /// How many events at most.
        limit: usize,
    },
    /// Reads the state of a stream, over REST.
    ReadSnapshot {
        /// Which.
        stream: StreamId,
    },
    /// Reads one's own user.
    ReadProfile,
    /// Reads the status that one chose.
    ReadStatus,
    /// Reads the first page of who is there.
    ReadPresence,
    /// Takes a new access token now, rather than when the old one ends, and puts it under the live connection.
    RefreshToken,
}

/// What became of an operation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// What was asked on the WebSocket is durable.
    Acknowledged(Ack),
    /// The REST request succeeded; the last answer.
    Answered(Answer),
    /// The stream is followed from here on.
    Subscribed(StreamState),
    /// Done, and there is nothing to tell of it: the stream is not followed any more, or the room was shown that one types.
    Done,
    /// There is a new access token.
    Refreshed,
    /// It was worth doing only at once, and there was no connection for it. Whether it took effect is not known.
    Lapsed,
    /// The server refused it for good; nothing changed.
    Refused(Refusal),
    /// The client ended first. Whether it took effect is not known.
    Abandoned,
}

impl Outcome {
    /// Whether the server did what was asked.
    pub fn succeeded(&self) -> bool {
        matches!(self, Self::Acknowledged(_) | Self::Answered(_) | Self::Subscribed(_) | Self::Done | Self::Refreshed)
    }
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

/// The word that stands for a unit variant on the wire.
pub(super) fn wire_name<T: Serialize>(word: &T) -> String {
    match serde_json::to_value(word) {
        Ok(serde_json::Value::String(name)) => name,
        Ok(other) => other.to_string(),
        Err(error) => error.to_string(),
    }
}
