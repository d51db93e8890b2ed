//! Operations in a person's words.

use std::fmt;

use super::operation::{Operation, wire_name};
use super::upload::Upload;

impl fmt::Display for Operation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SendMessage { room, body } => write!(formatter, "send {body:?} to room {room}"),
            Self::PostMessage { room, body } => write!(formatter, "post {body:?} to room {room}"),
            Self::SendReply { room, thread, body } => {
                write!(formatter, "send {body:?} to thread {thread} of room {room}")
            }
            Self::PostReply { room, thread, body } => {
                write!(formatter, "post {body:?} to thread {thread} of room {room}")
            }
            Self::SendEdit { room, message, body, .. } | Self::EditMessage { room, message, body, .. } => {
                write!(formatter, "edit message {message} of room {room} to {body:?}")
            }
            Self::SendDeletion { room, message } | Self::DeleteMessage { room, message, .. } => {
                write!(formatter, "delete message {message} of room {room}")
            }
            Self::OpenThread { room, message } => {
                write!(formatter, "open a thread on message {message} of room {room}")
            }
            Self::SendRead { room, seq } | Self::MarkRead { room, seq } => {
                write!(formatter, "mark room {room} as read up to {seq}")
            }
            Self::SendStatus { status, .. } | Self::SetStatus { status, .. } => {
                write!(formatter, "choose the status {}", status.as_str())
            }
            Self::Typing { room } => write!(formatter, "type in room {room}"),
            Self::Subscribe { stream } => write!(formatter, "subscribe to {stream}"),
            Self::Unsubscribe { stream } => write!(formatter, "unsubscribe from {stream}"),
            Self::CreateRoom { name, visibility } => {
                write!(formatter, "create the {} room {name:?}", wire_name(visibility))
            }
            Self::UpdateRoom { room, name, visibility, .. } => {
                write!(formatter, "change room {room} to")?;
                if let Some(name) = name {
                    write!(formatter, " {name:?}")?;
                }
                match visibility {
                    Some(visibility) => write!(formatter, " {}", wire_name(visibility)),
                    None => Ok(()),
                }
            }
            Self::ArchiveRoom { room } => write!(formatter, "archive room {room}"),
            Self::UnarchiveRoom { room } => write!(formatter, "take room {room} out of the archive"),
            Self::DeleteRoom { room } => write!(formatter, "delete room {room}"),
            Self::AddMember { room, user } => write!(formatter, "add user {user} to room {room}"),
            Self::RemoveMember { room, user } => write!(formatter, "remove user {user} from room {room}"),
            Self::ChangeRole { user, role } => write!(formatter, "make user {user} {}", role.as_str()),
            Self::UploadFile(upload) => write_upload(formatter, "upload", upload),
            Self::SendFile(upload) => write_upload(formatter, "send", upload),
            Self::DownloadFile { file, range: None } => write!(formatter, "download file {file}"),
            Self::DownloadFile { file, range: Some(range) } => {
                write!(formatter, "download bytes {} to {} of file {file}", range.start, range.end)
            }
            Self::DeleteFile { file } => write!(formatter, "delete file {file}"),
            Self::ReadFiles { room } => write!(formatter, "read the files of room {room}"),
            Self::ReadOwnFiles => formatter.write_str("read one's own files"),
            Self::ReadQuota => formatter.write_str("read the quota"),
            Self::Deactivate { user } => write!(formatter, "deactivate user {user}"),
            Self::Activate { user } => write!(formatter, "activate user {user}"),
            Self::UpdateProfile { name, email, .. } => {
                formatter.write_str("change one's profile to")?;
                for value in [name, email].into_iter().flatten() {
                    write!(formatter, " {value:?}")?;
                }
                Ok(())
            }
            Self::ChangePassword { .. } => formatter.write_str("change one's password"),
            Self::Invite { email, role } => write!(formatter, "invite {email} as {}", role.as_str()),
            Self::RevokeInvitation { invitation } => write!(formatter, "take invitation {invitation} back"),
            Self::RevokeSession { session } => write!(formatter, "end session {session}"),
            Self::ReadRooms => formatter.write_str("read the rooms"),
            Self::ReadRoom { room } => write!(formatter, "read room {room}"),
            Self::ReadMembers { room } => write!(formatter, "read the members of room {room}"),
            Self::ReadUsers => formatter.write_str("read the users"),
            Self::ReadInvitations => formatter.write_str("read the invitations"),
            Self::ReadSessions => formatter.write_str("read one's sessions"),
            Self::ReadAccount { user } => write!(formatter, "read the account of user {user}"),
            Self::ReadMessages { room } => write!(formatter, "read the messages of room {room}"),
            Self::ReadMessage { room, message } => write!(formatter, "read message {message} of room {room}"),
            Self::SearchMessages { room, query } => write!(formatter, "search room {room} for {query:?}"),
            Self::ReadThreads { room } => write!(formatter, "read the threads of room {room}"),
            Self::ReadReplies { room, thread } => {
                write!(formatter, "read the replies in thread {thread} of room {room}")
            }
            Self::ReadMarker { room } => write!(formatter, "read how far room {room} is read"),
            Self::ReadEvents { stream, after, .. } => {
                write!(formatter, "read the events of {stream} after {}", after.seq)
            }
            Self::ReadSnapshot { stream } => write!(formatter, "read the state of {stream}"),
            Self::ReadProfile => formatter.write_str("read one's profile"),
            Self::ReadStatus => formatter.write_str("read one's status"),
            Self::ReadPresence => formatter.write_str("read who is there"),
            Self::RefreshToken => formatter.write_str("refresh the access token"),
        }
    }
}

fn write_upload(formatter: &mut fmt::Formatter<'_>, verb: &str, upload: &Upload) -> fmt::Result {
    write!(formatter, "{verb} {:?} of {} bytes", upload.name, upload.content.len())?;
    match upload.room {
        Some(room) => write!(formatter, " to room {room}"),
        None => Ok(()),
    }
}
