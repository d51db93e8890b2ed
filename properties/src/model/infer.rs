//! What must have been wanted, by what was committed.

use system::protocol::{Event, EventBody, File, FileFailure, NewFile, StreamId, Timestamp};

use super::decide::Drawn;
use super::state::State;
use super::wanted::{Version, Wanted};

/// What a commit was about.
#[derive(Clone, Debug)]
pub(super) enum Inferred {
    /// Somebody wanted it.
    Wanted(Wanted),
    /// The company's feed user came with its first conversation.
    FeedUser,
    /// The feed made a room of a conversation, or says otherwise what one is about.
    Conversation,
    /// Uploads ended since nothing came for too long.
    Expired,
}

/// What the operation was of which `events` are the rest, the first of them being what it did first.
pub(super) fn infer(state: &State, events: &[&Event]) -> Option<Inferred> {
    let lead = events.first()?;
    let by_feed = || state.feeds(lead.sender);
    let wanted = match (&lead.body, lead.stream) {
        (EventBody::CompanyCreated(company), _) => {
            let owner = events.iter().find_map(|event| match &event.body {
                EventBody::UserCreated(user) => Some(user),
                _ => None,
            })?;
            Wanted::Register { company: company.name.clone(), email: owner.email.clone(), name: owner.name.clone() }
        }
        // Nobody else makes themselves.
        (EventBody::UserCreated(user), _) if user.id == lead.sender => return Some(Inferred::FeedUser),
        (EventBody::UserCreated(user), _) => {
            Wanted::CreateUser { email: user.email.clone(), name: user.name.clone(), role: user.role }
        }
        (EventBody::UserUpdated(user), _) => {
            let before = state.users.get(&user.id)?;
            if user.role != before.role {
                Wanted::ChangeRole { user: user.id, role: user.role }
            } else if user.active != before.active {
                Wanted::SetActive { user: user.id, active: user.active }
            } else {
                let email = (user.email != before.email).then(|| user.email.clone());
                Wanted::UpdateProfile { name: Some(user.name.clone()), email }
            }
        }
        (EventBody::RoomCreated(room), _) if room.conversation.is_some() => return Some(Inferred::Conversation),
        (EventBody::RoomCreated(room), _) => {
            Wanted::CreateRoom { name: room.name.clone(), visibility: room.visibility }
        }
        (EventBody::RoomUpdated(room), StreamId::Room(_)) => {
            let before = &state.rooms.get(&room.id)?.room;
            if room.conversation != before.conversation && by_feed() {
                return Some(Inferred::Conversation);
            }
            if room.archived_at.is_some() != before.archived_at.is_some() {
                Wanted::Archive { room: room.id, archived: room.archived_at.is_some() }
            } else {
                let (name, visibility) = (Some(room.name.clone()), Some(room.visibility));
                Wanted::UpdateRoom { room: room.id, name, visibility }
            }
        }
        (EventBody::RoomDeleted(gone), _) => Wanted::DeleteRoom(gone.room),
        (EventBody::MemberAdded(member), _) => Wanted::AddMember(member.room, member.user),
        (EventBody::MemberRemoved(removed), _) => Wanted::RemoveMember(removed.room, removed.user),
        (EventBody::MessageCreated(message), _) => {
            let feed = message.feed.clone().filter(|_| by_feed());
            Wanted::Send { room: message.room, thread: message.thread, body: message.body.clone(), feed }
        }
        (EventBody::MessageUpdated(message), _) => {
            let feed = message.feed.clone().filter(|_| by_feed());
            let (room, id, body) = (message.room, message.id, message.body.clone());
            Wanted::Edit { room, message: id, body, version: Version::Any, feed }
        }
        (EventBody::MessageDeleted(message), _) => Wanted::Delete { room: message.room, message: message.id },
        (EventBody::ThreadOpened(thread), _) => Wanted::OpenThread { room: thread.room, root: thread.root },
        (EventBody::ReadUpdated(marker), _) => Wanted::MarkRead { room: marker.room, seq: marker.seq },
        (EventBody::StatusUpdated(chosen), _) => Wanted::SetStatus { status: chosen.status, text: chosen.text.clone() },
        (EventBody::SessionRevoked(_), _) => Wanted::EndSessions,
        (EventBody::FileCreated(file), _) => {
            let File { name, content_type, room, size, .. } = file.clone();
            Wanted::CreateUpload(NewFile { name, content_type, room, size })
        }
        (EventBody::FileCompleted(file), _) => Wanted::FinishUpload(file.id),
        (EventBody::FileFailed(failed), _) if failed.reason == FileFailure::Expired => return Some(Inferred::Expired),
        (EventBody::FileFailed(failed), _) => Wanted::DeleteFile(failed.file),
        (EventBody::FileDeleted(deleted), _) => Wanted::DeleteFile(deleted.file),
        _ => return None,
    };
    Some(Inferred::Wanted(wanted))
}

/// What the server drew for an operation.
pub(super) fn drawn(events: &[&Event]) -> Drawn {
    let mut drawn = Drawn::at(events.first().map_or(Timestamp(0), |lead| lead.timestamp));
    let mut drawn_ids = 0;
    let mut draw = |drawn: &mut Drawn, id| {
        if let Some(place) = drawn.ids.get_mut(drawn_ids) {
            *place = id;
            drawn_ids += 1;
        }
    };
    for event in events {
        match (&event.body, event.stream) {
            (EventBody::CompanyCreated(company), _) => draw(&mut drawn, company.id.0),
            (EventBody::UserCreated(user), StreamId::Company(_)) => draw(&mut drawn, user.id.0),
            (EventBody::RoomCreated(room), StreamId::Room(_)) => draw(&mut drawn, room.id.0),
            (EventBody::MessageCreated(message), _) => draw(&mut drawn, message.id.0),
            (EventBody::ThreadOpened(thread), _) => draw(&mut drawn, thread.id.0),
            (EventBody::FileCreated(file), _) => {
                draw(&mut drawn, file.id.0);
                drawn.expires_at = file.expires_at;
            }
            (EventBody::QuotaUpdated(quota), _) => drawn.limit_bytes = Some(quota.limit_bytes),
            _ => {}
        }
    }
    drawn
}
