//! What somebody wants of the backend, whichever way they say it.

use system::protocol::{
    Epoch, FeedSource, FileId, MessageId, NewFile, Role, RoomId, SessionId, Status, StreamId, ThreadId, UserId,
    Visibility,
};

/// What somebody wants.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Wanted {
    /// A company with its owner.
    Register { company: String, email: String, name: String },
    /// A user: made by an admin, or by who was invited by one.
    CreateUser { email: String, name: String, role: Role },
    /// Another role for a user.
    ChangeRole { user: UserId, role: Role },
    /// A user out of service, or back in it.
    SetActive { user: UserId, active: bool },
    /// Another name or email for the caller.
    UpdateProfile { name: Option<String>, email: Option<String> },
    /// The end of a session of the caller's.
    RevokeSession(SessionId),
    /// The end of some sessions of the caller's: another password, or a refresh token that was used twice.
    EndSessions,
    /// A room.
    CreateRoom { name: String, visibility: Visibility },
    /// Another name or visibility for a room.
    UpdateRoom { room: RoomId, name: Option<String>, visibility: Option<Visibility> },
    /// A room into the archive, or out of it.
    Archive { room: RoomId, archived: bool },
    /// A room less.
    DeleteRoom(RoomId),
    /// A member more.
    AddMember(RoomId, UserId),
    /// A member less.
    RemoveMember(RoomId, UserId),
    /// A message, or a reply in a thread; with the line of the conversation file that it is of.
    Send { room: RoomId, thread: Option<ThreadId>, body: String, feed: Option<Box<FeedSource>> },
    /// Another text for a message.
    Edit { room: RoomId, message: MessageId, body: String, version: Version, feed: Option<Box<FeedSource>> },
    /// A tombstone in the place of a message.
    Delete { room: RoomId, message: MessageId },
    /// The thread of a message.
    OpenThread { room: RoomId, root: MessageId },
    /// How far the caller has read.
    MarkRead { room: RoomId, seq: u64 },
    /// Another status for the caller.
    SetStatus { status: Status, text: Option<String> },
    /// An upload.
    CreateUpload(NewFile),
    /// The rest of an upload.
    FinishUpload(FileId),
    /// A file or an upload less.
    DeleteFile(FileId),
    /// To read something.
    Read(Reading),
}

/// Which version a change is made from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Version {
    /// Whichever the object has.
    Any,
    /// This one.
    Is(u64),
    /// It stood in a header, which the trace does not tell.
    Untold,
}

/// What somebody wants to read.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Reading {
    /// The caller.
    Profile,
    /// The status that the caller chose.
    Status,
    /// The users of the company.
    Users,
    /// The rooms that the caller may know of.
    Rooms,
    /// A room.
    Room(RoomId),
    /// Who is in a room.
    Members(RoomId),
    /// The newest messages of a room.
    Messages(RoomId),
    /// The newest messages of a room that hold a text.
    Search(RoomId, String),
    /// One message.
    Message(RoomId, MessageId),
    /// The newest threads of a room.
    Threads(RoomId),
    /// One thread.
    Thread(RoomId, ThreadId),
    /// The newest replies of a thread.
    Replies(RoomId, ThreadId),
    /// How far the caller has read a room.
    Marker(RoomId),
    /// The state of a stream.
    Snapshot(StreamId),
    /// The events of a stream after a position, in a history where one is named.
    Events(StreamId, u64, Option<Epoch>),
    /// A file's object.
    File(FileId),
    /// The complete files of a room.
    RoomFiles(RoomId),
    /// The caller's own files.
    OwnFiles,
    /// What is taken of the caller's quota and of their company's.
    Quota,
}

impl Wanted {
    /// The name under which an idempotency key of it is kept: one key may be used once for each. None where keys mean
    /// nothing, since doing it twice is the same as doing it once.
    pub(super) fn once(&self) -> Option<&'static str> {
        Some(match self {
            Self::Register { .. } => "register",
            Self::CreateUser { .. } => "users.create",
            Self::CreateRoom { .. } => "rooms.create",
            Self::DeleteRoom(_) => "rooms.delete",
            Self::Send { .. } => "messages.create",
            Self::Edit { .. } => "messages.edit",
            Self::Delete { .. } => "messages.delete",
            Self::OpenThread { .. } => "threads.open",
            Self::CreateUpload(_) => "files.create",
            _ => return None,
        })
    }

    /// The room that it is about.
    pub(super) fn room(&self) -> Option<RoomId> {
        match self {
            Self::UpdateRoom { room, .. }
            | Self::Archive { room, .. }
            | Self::DeleteRoom(room)
            | Self::AddMember(room, _)
            | Self::RemoveMember(room, _)
            | Self::Send { room, .. }
            | Self::Edit { room, .. }
            | Self::Delete { room, .. }
            | Self::OpenThread { room, .. }
            | Self::MarkRead { room, .. } => Some(*room),
            Self::CreateUpload(file) => file.room,
            Self::Read(reading) => reading.room(),
            _ => None,
        }
    }

    /// The file that it is about.
    pub(super) fn file(&self) -> Option<FileId> {
        match self {
            Self::FinishUpload(file) | Self::DeleteFile(file) | Self::Read(Reading::File(file)) => Some(*file),
            _ => None,
        }
    }
}

impl Reading {
    fn room(&self) -> Option<RoomId> {
        match self {
            Self::Room(room)
            | Self::Members(room)
            | Self::Messages(room)
            | Self::Search(room, _)
            | Self::Message(room, _)
            | Self::Threads(room)
            | Self::Thread(room, _)
            | Self::Replies(room, _)
            | Self::Marker(room)
            | Self::RoomFiles(room)
            | Self::Snapshot(StreamId::Room(room))
            | Self::Events(StreamId::Room(room), ..) => Some(*room),
            _ => None,
        }
    }
}
