//! How each operation is said: as a command on the WebSocket, or as a REST request.

use super::calls::{events_request, snapshot_request};
use super::operation::Operation;
use super::query::encoded;
use super::rest::{Method, Request};
use super::upload::download;
use crate::protocol::{
    API_PREFIX, ChangePassword, ChangeRole, Command, CreateInvitation, CreateRoom, EditMessage, MarkRead,
    MessageDelete, MessageEdit, MessageSend, OpenThread, PostMessage, Read, StartTyping, StatusSet, Subscribe,
    Unsubscribe, UpdateProfile, UpdateRoom,
};

impl Operation {
    /// Whether it goes over the WebSocket.
    pub(super) fn is_command(&self) -> bool {
        matches!(
            self,
            Self::SendMessage { .. }
                | Self::SendReply { .. }
                | Self::SendEdit { .. }
                | Self::SendDeletion { .. }
                | Self::SendRead { .. }
                | Self::SendStatus { .. }
                | Self::Typing { .. }
                | Self::Subscribe { .. }
                | Self::Unsubscribe { .. }
        )
    }

    /// Whether it is worth saying only at once: said later, it would be wrong.
    pub(super) fn is_momentary(&self) -> bool {
        matches!(self, Self::Typing { .. })
    }

    /// The command that performs it, or none for what goes another way.
    pub(super) fn command(&self, key: &str) -> Option<Command> {
        let idempotency_key = key.to_owned();
        Some(match self.clone() {
            Self::SendMessage { room, body } => {
                Command::MessageSend(MessageSend { room, thread: None, body, idempotency_key })
            }
            Self::SendReply { room, thread, body } => {
                Command::MessageSend(MessageSend { room, thread: Some(thread), body, idempotency_key })
            }
            Self::SendEdit { room, message, body, version } => {
                Command::MessageEdit(MessageEdit { room, message, body, version, idempotency_key })
            }
            Self::SendDeletion { room, message } => {
                Command::MessageDelete(MessageDelete { room, message, idempotency_key })
            }
            Self::SendRead { room, seq } => Command::Read(Read { room, seq }),
            Self::SendStatus { status, text } => Command::StatusSet(StatusSet { status, text }),
            Self::Typing { room } => Command::Typing(StartTyping { room }),
            // From where is known only to who has the copy, when it is said.
            Self::Subscribe { stream } => Command::Subscribe(Subscribe { stream, position: None }),
            Self::Unsubscribe { stream } => Command::Unsubscribe(Unsubscribe { stream }),
            _ => return None,
        })
    }

    /// The request that performs it, or none for what goes another way.
    pub(super) fn request(&self, key: &str) -> Option<Request> {
        let get = |path: String| Request::new(Method::Get, format!("{API_PREFIX}{path}"));
        let post = |path: String| Request::new(Method::Post, format!("{API_PREFIX}{path}"));
        let put = |path: String| Request::new(Method::Put, format!("{API_PREFIX}{path}"));
        let patch = |path: String| Request::new(Method::Patch, format!("{API_PREFIX}{path}"));
        let delete = |path: String| Request::new(Method::Delete, format!("{API_PREFIX}{path}"));
        let request = match self {
            Self::SendMessage { .. }
            | Self::SendReply { .. }
            | Self::SendEdit { .. }
            | Self::SendDeletion { .. }
            | Self::SendRead { .. }
            | Self::SendStatus { .. }
            | Self::Typing { .. }
            | Self::Subscribe { .. }
            | Self::Unsubscribe { .. }
            | Self::UploadFile(_)
            | Self::SendFile(_)
            | Self::RefreshToken => return None,
            Self::PostMessage { room, body } => {
                post(format!("/rooms/{room}/messages")).key(key).json(&PostMessage { body: body.clone() })
            }
            Self::PostReply { room, thread, body } => post(format!("/rooms/{room}/threads/{thread}/messages"))
                .key(key)
                .json(&PostMessage { body: body.clone() }),
            Self::EditMessage { room, message, body, version } => patch(format!("/rooms/{room}/messages/{message}"))
                .version(*version)
                .key(key)
                .json(&EditMessage { body: body.clone() }),
            Self::DeleteMessage { room, message, version } => {
                delete(format!("/rooms/{room}/messages/{message}")).version(*version).key(key)
            }
            Self::OpenThread { room, message } => {
                post(format!("/rooms/{room}/threads")).key(key).json(&OpenThread { message: *message })
            }
            Self::MarkRead { room, seq } => put(format!("/rooms/{room}/read")).json(&MarkRead { seq: *seq }),
            Self::SetStatus { status, text } => {
                put("/users/me/status".into()).json(&StatusSet { status: *status, text: text.clone() })
            }
            Self::CreateRoom { name, visibility } => {
                post("/rooms".into()).key(key).json(&CreateRoom { name: name.clone(), visibility: *visibility })
            }
            Self::UpdateRoom { room, name, visibility, version } => patch(format!("/rooms/{room}"))
                .version(*version)
                .json(&UpdateRoom { name: name.clone(), visibility: *visibility }),
            Self::ArchiveRoom { room } => post(format!("/rooms/{room}/archive")),
            Self::UnarchiveRoom { room } => post(format!("/rooms/{room}/unarchive")),
            Self::DeleteRoom { room } => delete(format!("/rooms/{room}")).key(key),
            Self::AddMember { room, user } => put(format!("/rooms/{room}/members/{user}")),
            Self::RemoveMember { room, user } => delete(format!("/rooms/{room}/members/{user}")),
            Self::ChangeRole { user, role } => put(format!("/users/{user}/role")).json(&ChangeRole { role: *role }),
            Self::DownloadFile { file, range } => download(*file, range.clone()),
            Self::DeleteFile { file } => delete(format!("/files/{file}")),
            Self::ReadFiles { room } => get(format!("/rooms/{room}/files")),
            Self::ReadOwnFiles => get("/files".into()),
            Self::ReadQuota => get("/quota".into()),
            Self::Deactivate { user } => post(format!("/users/{user}/deactivate")),
            Self::Activate { user } => post(format!("/users/{user}/activate")),
            Self::UpdateProfile { name, email, version } => patch("/users/me".into())
                .version(*version)
                .json(&UpdateProfile { name: name.clone(), email: email.clone() }),
            Self::ChangePassword { current, new } => {
                put("/users/me/password".into()).json(&ChangePassword { current: current.clone(), new: new.clone() })
            }
            Self::Invite { email, role } => {
                post("/invitations".into()).key(key).json(&CreateInvitation { email: email.clone(), role: *role })
            }
            Self::RevokeInvitation { invitation } => delete(format!("/invitations/{invitation}")),
            Self::RevokeSession { session } => delete(format!("/auth/sessions/{session}")),
            Self::ReadRooms => get("/rooms".into()),
            Self::ReadRoom { room } => get(format!("/rooms/{room}")),
            Self::ReadMembers { room } => get(format!("/rooms/{room}/members")),
            Self::ReadUsers => get("/users".into()),
            Self::ReadInvitations => get("/invitations".into()),
            Self::ReadSessions => get("/auth/sessions".into()),
            Self::ReadAccount { user } => get(format!("/users/{user}/account")),
            Self::ReadMessages { room } => get(format!("/rooms/{room}/messages")),
            Self::ReadMessage { room, message } => get(format!("/rooms/{room}/messages/{message}")),
            Self::SearchMessages { room, query } => get(format!("/rooms/{room}/messages?query={}", encoded(query))),
            Self::ReadThreads { room } => get(format!("/rooms/{room}/threads")),
            Self::ReadReplies { room, thread } => get(format!("/rooms/{room}/threads/{thread}/messages")),
            Self::ReadMarker { room } => get(format!("/rooms/{room}/read")),
            Self::ReadEvents { stream, after, limit } => events_request(*stream, *after, *limit),
            Self::ReadSnapshot { stream } => snapshot_request(*stream),
            Self::ReadProfile => get("/users/me".into()),
            Self::ReadStatus => get("/users/me/status".into()),
            Self::ReadPresence => get("/presence".into()),
        };
        Some(request)
    }
}
