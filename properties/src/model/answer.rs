//! What an answer says: an object, a page of them, or that there is nothing to say.
//!
//! How far an upload is, and until when it is kept, changes without an event: files/progress judges it, and here it is
//! left out on both sides.

use std::collections::BTreeSet;

use serde::de::DeserializeOwned;
use system::protocol::{
    AckObject, EventPage, File, FileState, Member, Message, Page, Quotas, ReadMarker, Room, RoomId, Session, Snapshot,
    SnapshotState, Thread, User, UserStatus,
};

use super::wanted::{Reading, Wanted};

/// What an answer says.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Answer {
    /// No object.
    Nothing,
    User(User),
    Room(Room),
    Member(Member),
    Message(Message),
    Thread(Thread),
    Marker(ReadMarker),
    Status(UserStatus),
    File(File),
    Quota(Quotas),
    Users(Page<User>),
    Rooms(Page<Room>),
    Members(Page<Member>),
    Messages(Page<Message>),
    Threads(Page<Thread>),
    Files(Page<File>),
    Snapshot(Box<Snapshot>),
    Events(Box<EventPage>),
}

impl Answer {
    /// Reads the body of a successful answer; none where it is not what was wanted.
    pub(super) fn read(wanted: &Wanted, body: &str) -> Option<Self> {
        fn object<T: DeserializeOwned>(body: &str) -> Option<T> {
            serde_json::from_str(body).ok()
        }
        Some(match wanted {
            // Who registers or accepts is given a session, whose tokens are drawn.
            Wanted::Register { .. } | Wanted::CreateUser { .. } => match object::<Session>(body) {
                Some(session) => Self::User(session.user),
                None => Self::User(object(body)?),
            },
            Wanted::ChangeRole { .. }
            | Wanted::SetActive { .. }
            | Wanted::UpdateProfile { .. }
            | Wanted::Read(Reading::Profile) => Self::User(object(body)?),
            Wanted::CreateRoom { .. }
            | Wanted::UpdateRoom { .. }
            | Wanted::Archive { .. }
            | Wanted::Read(Reading::Room(_)) => Self::Room(object(body)?),
            Wanted::AddMember(..) => Self::Member(object(body)?),
            Wanted::Send { .. } | Wanted::Edit { .. } | Wanted::Delete { .. } | Wanted::Read(Reading::Message(..)) => {
                Self::Message(object(body)?)
            }
            Wanted::OpenThread { .. } | Wanted::Read(Reading::Thread(..)) => Self::Thread(object(body)?),
            Wanted::MarkRead { .. } | Wanted::Read(Reading::Marker(_)) => Self::Marker(object(body)?),
            Wanted::SetStatus { .. } | Wanted::Read(Reading::Status) => Self::Status(object(body)?),
            // It may have got further in the same call.
            Wanted::CreateUpload(_) => Self::File(begun(object(body)?)),
            Wanted::Read(Reading::File(_)) => Self::File(without_progress(object(body)?)),
            Wanted::Read(Reading::Users) => Self::Users(object(body)?),
            Wanted::Read(Reading::Rooms) => Self::Rooms(object(body)?),
            Wanted::Read(Reading::Members(_)) => Self::Members(object(body)?),
            Wanted::Read(Reading::Messages(_) | Reading::Search(..) | Reading::Replies(..)) => {
                Self::Messages(object(body)?)
            }
            Wanted::Read(Reading::Threads(_)) => Self::Threads(object(body)?),
            Wanted::Read(Reading::RoomFiles(_) | Reading::OwnFiles) => {
                let Page { items, next } = object::<Page<File>>(body)?;
                Self::Files(Page { items: items.into_iter().map(without_progress).collect(), next })
            }
            Wanted::Read(Reading::Quota) => Self::Quota(object(body)?),
            Wanted::Read(Reading::Snapshot(_)) => Self::Snapshot(Box::new(object(body)?)),
            Wanted::Read(Reading::Events(..)) => Self::Events(Box::new(object(body)?)),
            Wanted::RevokeSession(_)
            | Wanted::EndSessions
            | Wanted::DeleteRoom(_)
            | Wanted::RemoveMember(..)
            | Wanted::FinishUpload(_)
            | Wanted::DeleteFile(_) => Self::Nothing,
        })
    }

    /// The same without some rooms, where it is a list of them.
    pub(super) fn without(mut self, rooms: &BTreeSet<RoomId>) -> Self {
        match &mut self {
            Self::Rooms(page) => page.items.retain(|room| !rooms.contains(&room.id)),
            Self::Snapshot(snapshot) => match &mut snapshot.state {
                SnapshotState::Company { rooms: all, .. } => all.retain(|room| !rooms.contains(&room.id)),
                SnapshotState::User { rooms: all, reads, .. } => {
                    all.retain(|room| !rooms.contains(room));
                    reads.retain(|read| !rooms.contains(&read.room));
                }
                SnapshotState::Room { .. } => {}
            },
            _ => {}
        }
        self
    }

    /// What a WebSocket acknowledges.
    pub(super) fn of_ack(object: &AckObject) -> Self {
        match object {
            AckObject::Message(message) => Self::Message(message.clone()),
            AckObject::ReadMarker(marker) => Self::Marker(*marker),
            AckObject::Status(chosen) => Self::Status(chosen.clone()),
        }
    }
}

/// A file without what changes while it is uploaded.
pub(super) fn without_progress(file: File) -> File {
    match file.state {
        FileState::Uploading => File { offset: 0, expires_at: None, ..file },
        FileState::Complete => file,
    }
}

/// A file as it was when its upload began.
pub(super) fn begun(file: File) -> File {
    File { state: FileState::Uploading, offset: 0, expires_at: None, completed_at: None, ..file }
}
