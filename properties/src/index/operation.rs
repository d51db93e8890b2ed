//! What a REST request asks for, read from its method and path.

use std::str::FromStr;

use system::protocol::{API_PREFIX, FileId, InvitationId, RoomId, SessionId, StreamId, UserId};

/// What a REST request asks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Operation {
    /// A company and its owner.
    Register,
    /// A session's tokens: log in, refresh.
    Tokens,
    /// A user.
    CreateUser,
    /// Another role, or no activity any more.
    ChangeUser(UserId),
    /// Another name or email for the caller.
    ChangeSelf,
    /// An invitation.
    Invite,
    /// An invitation less.
    RevokeInvitation(InvitationId),
    /// A user of who was invited.
    AcceptInvitation,
    /// The end of a session of the caller's.
    RevokeSession(SessionId),
    /// A room.
    CreateRoom,
    /// Another name or visibility for a room, into the archive or out of it.
    ChangeRoom(RoomId),
    /// A room less.
    DeleteRoom(RoomId),
    /// A member more; absent where the user stands in the body.
    AddMember(RoomId, Option<UserId>),
    /// A member less.
    RemoveMember(RoomId, UserId),
    /// A message, or a reply in a thread.
    PostMessage(RoomId),
    /// Another text for a message.
    EditMessage(RoomId),
    /// No text for a message any more.
    DeleteMessage(RoomId),
    /// A thread.
    OpenThread(RoomId),
    /// How far the caller has read.
    MarkRead(RoomId),
    /// The room object itself, or who is in it.
    ReadRoom(RoomId),
    /// A page of a room's messages, or of a thread's, or of those that hold a text.
    ReadMessages(RoomId),
    /// One message.
    ReadMessage(RoomId),
    /// The threads of a room, or how far one has read it.
    ReadStream(StreamId),
    /// The events of a stream after a position.
    ReadEvents(StreamId),
    /// A stream's snapshot.
    ReadSnapshot(StreamId),
    /// An upload.
    CreateUpload,
    /// Where an upload is.
    AskUpload(FileId),
    /// More bytes of an upload.
    ContinueUpload(FileId),
    /// A file less, or an upload.
    DeleteFile(FileId),
    /// The file object itself.
    ReadFile(FileId),
    /// A file's bytes.
    ReadContent(FileId),
    /// A page of a room's files.
    ReadFiles(RoomId),
    /// A page of the caller's own files.
    ReadOwnFiles,
    /// The caller's quota and their company's.
    ReadQuota,
    /// Another status for the caller.
    ChooseStatus,
    /// The status that the caller chose.
    ReadStatus,
    /// The rooms that the caller may know of.
    ReadRooms,
    /// The company's users.
    ReadUsers,
    /// The company's invitations.
    ReadInvitations,
    /// The caller's sessions.
    ReadSessions,
    /// What only a user and their admins see of the user.
    ReadAccount(UserId),
    /// Nothing that a property asks about.
    Other,
}

impl Operation {
    /// Reads it. What is not known is [`Operation::Other`]: a property then has nothing to say about it.
    pub(crate) fn parse(method: &str, path: &str) -> Self {
        let path = path.split('?').next().unwrap_or(path);
        let path = path.strip_prefix(API_PREFIX).unwrap_or(path);
        let mut segments = [""; 5];
        let mut count = 0;
        for segment in path.split('/').filter(|segment| !segment.is_empty()) {
            let Some(place) = segments.get_mut(count) else { return Self::Other };
            *place = segment;
            count += 1;
        }
        Self::of_segments(method, &segments[..count]).unwrap_or(Self::Other)
    }

    /// The room that it is about, if it is about one that there is.
    pub(crate) fn room(self) -> Option<RoomId> {
        match self {
            Self::ChangeRoom(room)
            | Self::DeleteRoom(room)
            | Self::AddMember(room, _)
            | Self::RemoveMember(room, _)
            | Self::PostMessage(room)
            | Self::EditMessage(room)
            | Self::DeleteMessage(room)
            | Self::OpenThread(room)
            | Self::MarkRead(room) => Some(room),
            _ => self.reads().and_then(|stream| match stream {
                StreamId::Room(room) => Some(room),
                _ => None,
            }),
        }
    }

    /// The stream of which it reads something, if it reads.
    pub(crate) fn reads(self) -> Option<StreamId> {
        match self {
            Self::ReadRoom(room) | Self::ReadMessages(room) | Self::ReadMessage(room) | Self::ReadFiles(room) => {
                Some(StreamId::Room(room))
            }
            Self::ReadStream(stream) | Self::ReadEvents(stream) | Self::ReadSnapshot(stream) => Some(stream),
            _ => None,
        }
    }

    fn of_segments(method: &str, segments: &[&str]) -> Option<Self> {
        Some(match (method, segments) {
            ("POST", ["auth", "register"]) => Self::Register,
            ("POST", ["auth", "login" | "refresh"]) => Self::Tokens,
            ("PUT", ["users", "me", "status"]) => Self::ChooseStatus,
            ("GET", ["users", "me", "status"]) => Self::ReadStatus,
            ("POST", ["users"]) => Self::CreateUser,
            ("PUT" | "PATCH" | "POST", ["users", user, "role"]) => Self::ChangeUser(id(user)?),
            ("POST", ["users", user, "activate" | "deactivate"]) => Self::ChangeUser(id(user)?),
            ("PATCH", ["users", "me"]) => Self::ChangeSelf,
            ("POST", ["invitations"]) => Self::Invite,
            ("DELETE", ["invitations", invitation]) => Self::RevokeInvitation(id(invitation)?),
            ("POST", ["auth", "accept"]) => Self::AcceptInvitation,
            ("DELETE", ["auth", "sessions", session]) => Self::RevokeSession(id(session)?),
            ("GET", ["rooms"]) => Self::ReadRooms,
            ("GET", ["users"]) => Self::ReadUsers,
            ("GET", ["invitations"]) => Self::ReadInvitations,
            ("GET", ["auth", "sessions"]) => Self::ReadSessions,
            ("GET", ["users", user, "account"]) => Self::ReadAccount(id(user)?),
            ("POST", ["rooms"]) => Self::CreateRoom,
            ("PATCH", ["rooms", room]) | ("POST", ["rooms", room, "archive" | "unarchive"]) => {
                Self::ChangeRoom(id(room)?)
            }
            ("DELETE", ["rooms", room]) => Self::DeleteRoom(id(room)?),
            ("PUT" | "POST", ["rooms", room, "members", user]) => Self::AddMember(id(room)?, Some(id(user)?)),
            ("POST", ["rooms", room, "members"]) => Self::AddMember(id(room)?, None),
            ("DELETE", ["rooms", room, "members", user]) => Self::RemoveMember(id(room)?, id(user)?),
            ("POST", ["rooms", room, "messages"] | ["rooms", room, "threads", _, "messages"]) => {
                Self::PostMessage(id(room)?)
            }
            ("PATCH", ["rooms", room, "messages", _]) => Self::EditMessage(id(room)?),
            ("DELETE", ["rooms", room, "messages", _]) => Self::DeleteMessage(id(room)?),
            ("POST", ["rooms", room, "threads"]) => Self::OpenThread(id(room)?),
            ("PUT", ["rooms", room, "read"]) => Self::MarkRead(id(room)?),
            ("GET", ["rooms", room] | ["rooms", room, "members"]) => Self::ReadRoom(id(room)?),
            ("GET", ["rooms", room, "messages"] | ["rooms", room, "threads", _, "messages"]) => {
                Self::ReadMessages(id(room)?)
            }
            ("GET", ["rooms", room, "messages", _]) => Self::ReadMessage(id(room)?),
            ("GET", ["rooms", room, "threads" | "read"] | ["rooms", room, "threads", _]) => {
                Self::ReadStream(StreamId::Room(id(room)?))
            }
            ("POST", ["files"]) => Self::CreateUpload,
            ("HEAD", ["files", file]) => Self::AskUpload(id(file)?),
            ("PATCH", ["files", file]) => Self::ContinueUpload(id(file)?),
            ("DELETE", ["files", file]) => Self::DeleteFile(id(file)?),
            ("GET", ["files", file]) => Self::ReadFile(id(file)?),
            ("GET", ["files", file, "content"]) => Self::ReadContent(id(file)?),
            ("GET", ["rooms", room, "files"]) => Self::ReadFiles(id(room)?),
            ("GET", ["files"]) => Self::ReadOwnFiles,
            ("GET", ["quota"]) => Self::ReadQuota,
            ("GET", ["streams", stream, "events"]) => Self::ReadEvents(stream_id(stream)?),
            ("GET", ["streams", stream, "snapshot"]) => Self::ReadSnapshot(stream_id(stream)?),
            _ => return None,
        })
    }
}

fn id<T: FromStr>(segment: &str) -> Option<T> {
    segment.parse().ok()
}

fn stream_id(segment: &str) -> Option<StreamId> {
    match segment.split_once("%3A").or_else(|| segment.split_once("%3a")) {
        Some((kind, id)) => format!("{kind}:{id}").parse().ok(),
        None => segment.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations_are_read_from_method_and_path() {
        let id = "01890000-0000-7000-8000-000000000001";
        let room: RoomId = id.parse().unwrap();
        let user: UserId = id.parse().unwrap();
        let check = |method: &str, path: &str, expected: Operation| {
            assert_eq!(Operation::parse(method, &path.replace("{}", id)), expected, "{method} {path}");
        };
        check("POST", "/api/v1/auth/register", Operation::Register);
        check("POST", "/api/v1/rooms/{}/messages", Operation::PostMessage(room));
        check("GET", "/api/v1/rooms/{}/messages?limit=50", Operation::ReadMessages(room));
        check("POST", "/api/v1/rooms/{}/threads/{}/messages", Operation::PostMessage(room));
        check("PATCH", "/api/v1/rooms/{}/messages/{}", Operation::EditMessage(room));
        check("GET", "/api/v1/rooms/{}/threads/{}", Operation::ReadStream(StreamId::Room(room)));
        check("PUT", "/api/v1/rooms/{}/members/{}", Operation::AddMember(room, Some(user)));
        check("DELETE", "/api/v1/rooms/{}/members/{}", Operation::RemoveMember(room, user));
        check("POST", "/api/v1/rooms/{}/archive", Operation::ChangeRoom(room));
        check("DELETE", "/api/v1/rooms/{}", Operation::DeleteRoom(room));
        check("PUT", "/api/v1/users/{}/role", Operation::ChangeUser(user));
        check("GET", "/api/v1/streams/user%3A{}/events?after=3", Operation::ReadEvents(StreamId::User(user)));
        check("GET", "/api/v1/streams/room:{}/snapshot", Operation::ReadSnapshot(StreamId::Room(room)));
        let file: FileId = id.parse().unwrap();
        check("POST", "/api/v1/files", Operation::CreateUpload);
        check("PATCH", "/api/v1/files/{}", Operation::ContinueUpload(file));
        check("GET", "/api/v1/files/{}/content", Operation::ReadContent(file));
        check("GET", "/api/v1/rooms/{}/files", Operation::ReadFiles(room));
        check("PATCH", "/api/v1/users/me", Operation::ChangeSelf);
        check("POST", "/api/v1/auth/accept", Operation::AcceptInvitation);
        check("DELETE", "/api/v1/auth/sessions/{}", Operation::RevokeSession(id.parse().unwrap()));
        check("GET", "/api/v1/rooms?limit=5", Operation::ReadRooms);
        check("GET", "/api/v1/users/{}/account", Operation::ReadAccount(user));
        check("GET", "/api/v1/rooms/nonsense", Operation::Other);
        check("GET", "/a/b/c/d/e/f", Operation::Other);
    }
}
