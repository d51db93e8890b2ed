//! WebSocket frames, and the events in them, in a person's words.

use system::protocol::{
    AckObject, ClientFrame, Command, Event, EventBody, FileFailure, Follow, Message, Presence, ReadMarker, Role, Room,
    ServerFrame, StreamId, StreamState, User, Visibility,
};

use super::names::Names;
use super::shortened::shortened;

/// An event as a report names it: `general#18 message.created "m18"`.
pub(crate) fn event(names: &Names, event: &Event) -> String {
    let place = names.place(event.stream, event.seq);
    match about(names, &event.body) {
        Some(about) => format!("{place} {} {about}", event.body.kind()),
        None => format!("{place} {}", event.body.kind()),
    }
}

/// What a device says.
pub(super) fn sent(names: &Names, frame: &ClientFrame) -> String {
    match &frame.command {
        Command::Hello(hello) => {
            let positions = hello.positions.iter().map(|position| names.place(position.stream, position.seq));
            let positions = positions.collect::<Vec<_>>().join(", ");
            let from = if positions.is_empty() { "hello".to_owned() } else { format!("hello from {positions}") };
            match &hello.follow {
                Follow::All => from,
                Follow::These(streams) => format!("{from}, to follow {}", list(names, streams)),
            }
        }
        Command::Subscribe(subscribe) => {
            let stream = names.stream(subscribe.stream);
            match subscribe.position {
                Some(position) => format!("subscribe to {stream} from {}", position.seq),
                None => format!("subscribe to {stream}"),
            }
        }
        Command::Unsubscribe(unsubscribe) => format!("unsubscribe from {}", names.stream(unsubscribe.stream)),
        Command::MessageSend(send) => {
            let place = if send.thread.is_some() { "a thread of " } else { "" };
            format!("message.send {:?} to {place}{}", shortened(&send.body), names.room(send.room))
        }
        Command::MessageEdit(edit) => {
            format!("message.edit to {:?} in {}", shortened(&edit.body), names.room(edit.room))
        }
        Command::MessageDelete(delete) => format!("message.delete in {}", names.room(delete.room)),
        Command::Read(read) => format!("read {}", names.place(StreamId::Room(read.room), read.seq)),
        Command::StatusSet(wanted) => format!("status.set {}", wanted.status.as_str()),
        Command::Typing(typing) => format!("typing in {}", names.room(typing.room)),
        Command::AuthRefresh(_) => "auth.refresh".to_owned(),
        Command::Pong => "pong".to_owned(),
    }
}

/// What a device hears.
pub(super) fn received(names: &Names, frame: &ServerFrame) -> String {
    match frame {
        ServerFrame::Welcome(_, welcome) => {
            format!("is welcomed as {}, {}", with_article(welcome.role), joined(names, &welcome.streams))
        }
        ServerFrame::Subscribed(_, state) => format!("is subscribed, {}", joined(names, &[*state])),
        ServerFrame::Unsubscribed(_, gone) => {
            let reason = gone.reason.as_ref().map_or(String::new(), |reason| format!(": {reason}"));
            format!("is unsubscribed from {}{reason}", names.stream(gone.stream))
        }
        ServerFrame::Ack(_, ack) => {
            let repeat = if ack.duplicate { ", a repeat" } else { "" };
            let what = match &ack.object {
                AckObject::Message(message) => said(message),
                AckObject::ReadMarker(marker) => read(names, marker),
                AckObject::Status(chosen) => format!("as {}", chosen.status.as_str()),
            };
            format!("is acknowledged {what} at {}{repeat}", names.place(ack.stream, ack.seq))
        }
        ServerFrame::ChunkStored(_, chunk) => {
            format!("is acknowledged {} bytes of {}", chunk.offset, names.call(chunk.file.0))
        }
        ServerFrame::TokenRefreshed(_, token) => format!("has a token until {}", token.token_expires_at),
        ServerFrame::Error(_, error) => format!("is refused: {}", names.in_text(&error.message)),
        ServerFrame::Event(pushed) => format!("receives {}", event(names, pushed)),
        ServerFrame::Ping => "receives ping".to_owned(),
        ServerFrame::TokenExpiring(token) => format!("is warned that its token ends at {}", token.expires_at),
        ServerFrame::Presence(presence) => {
            format!("hears that {} is {}", names.user(presence.user), looks(presence))
        }
        ServerFrame::PresenceState(state) => {
            let users = state.users.iter().map(|seen| format!("{} is {}", names.user(seen.user), looks(seen)));
            let users: Vec<_> = users.collect();
            format!("hears who is there: {}", if users.is_empty() { "nobody".to_owned() } else { users.join(", ") })
        }
        ServerFrame::Typing(typing) => {
            format!("hears that {} types in {}", names.user(typing.user), names.stream(typing.stream))
        }
        ServerFrame::Warning(warning) => {
            format!("is warned to pause for {} ms: {}", warning.retry_after_ms, names.in_text(&warning.message))
        }
        ServerFrame::Done(..) => "is acknowledged".to_owned(),
        ServerFrame::FileProgress(progress) => {
            let file = names.call(progress.file.0);
            format!("hears that {} of {} bytes of {file} are stored", progress.offset, progress.size)
        }
        ServerFrame::Closing(closing) => {
            let back = if closing.reconnect { "come back" } else { "stay away" };
            format!("is told to {back}: the connection closes with {}", closing.code)
        }
    }
}

/// Where following begins: recovered after the position that the device named, or anew at the head.
fn joined(names: &Names, states: &[StreamState]) -> String {
    let at = |how: &str, recovered: bool| {
        let states = states.iter().filter(|state| state.recovered == recovered);
        let places: Vec<_> = states.map(|state| names.place(state.stream, state.seq)).collect();
        (!places.is_empty()).then(|| format!("{how} at {}", places.join(", ")))
    };
    [at("recovered", true), at("anew", false)].into_iter().flatten().collect::<Vec<_>>().join("; ")
}

fn about(names: &Names, body: &EventBody) -> Option<String> {
    Some(match body {
        EventBody::MessageCreated(message) => said(message),
        EventBody::MessageUpdated(message) | EventBody::MessageDeleted(message) => {
            format!("{} ({})", said(message), names.place(StreamId::Room(message.room), message.seq))
        }
        EventBody::ThreadOpened(thread) | EventBody::ThreadUpdated(thread) => {
            format!("({}, {} replies)", names.place(StreamId::Room(thread.room), thread.seq), thread.replies)
        }
        EventBody::ThreadReplied(replied) => names.room(replied.room),
        EventBody::ReadUpdated(marker) => read(names, marker),
        EventBody::UserCreated(user) | EventBody::UserUpdated(user) => standing(names, user),
        EventBody::RoomCreated(room) | EventBody::RoomJoined(room) => room.name.clone(),
        EventBody::RoomUpdated(room) => condition(names, room),
        EventBody::RoomHidden(hidden) => names.room(hidden.room),
        EventBody::RoomDeleted(deleted) => names.room(deleted.room),
        EventBody::RoomLeft(left) => names.room(left.room),
        EventBody::MemberAdded(member) => names.user(member.user),
        EventBody::MemberRemoved(member) => names.user(member.user),
        EventBody::SessionRevoked(revoked) => format!("({})", names.call(revoked.session.0)),
        EventBody::StatusUpdated(chosen) => format!("({} is {})", names.user(chosen.user), chosen.status.as_str()),
        EventBody::FileCreated(file) | EventBody::FileCompleted(file) => {
            format!("{} of {} bytes", names.call(file.id.0), file.size)
        }
        EventBody::FileFailed(failed) => format!("({}: {})", names.call(failed.file.0), failure(failed.reason)),
        EventBody::FileDeleted(deleted) => format!("({})", names.call(deleted.file.0)),
        EventBody::QuotaUpdated(quota) => {
            format!("({} bytes used, {} reserved, of {})", quota.used_bytes, quota.reserved_bytes, quota.limit_bytes)
        }
        EventBody::CompanyCreated(_) => return None,
    })
}

/// What a room is now; its name in a report is the one that it was created with.
fn condition(names: &Names, room: &Room) -> String {
    let visibility = match room.visibility {
        Visibility::Public => "public",
        Visibility::Private => "private",
    };
    let archived = if room.archived_at.is_some() { ", archived" } else { "" };
    format!("{} ({:?}, {visibility}{archived})", names.room(room.id), shortened(&room.name))
}

/// What a message says; a tombstone says nothing.
fn said(message: &Message) -> String {
    if message.deleted_at.is_some() { "a tombstone".to_owned() } else { format!("{:?}", shortened(&message.body)) }
}

fn read(names: &Names, marker: &ReadMarker) -> String {
    format!("up to {}, {} unread", names.place(StreamId::Room(marker.room), marker.seq), marker.unread)
}

/// How a user looks, with what they say about it.
pub(crate) fn looks(presence: &Presence) -> String {
    let status = presence.status.as_str();
    presence.text.as_ref().map_or(status.to_owned(), |text| format!("{status}, {:?}", shortened(text)))
}

fn standing(names: &Names, user: &User) -> String {
    let name = names.user(user.id);
    match user.active {
        true => format!("({name} is {})", with_article(user.role)),
        false => format!("({name} is deactivated)"),
    }
}

fn failure(reason: FileFailure) -> &'static str {
    match reason {
        FileFailure::Expired => "expired",
        FileFailure::Terminated => "terminated",
        FileFailure::RoomDeleted => "its room was deleted",
    }
}

fn with_article(role: Role) -> &'static str {
    match role {
        Role::Guest => "a guest",
        Role::Member => "a member",
        Role::Admin => "an admin",
        Role::Owner => "an owner",
    }
}

fn list(names: &Names, streams: &[StreamId]) -> String {
    streams.iter().map(|stream| names.stream(*stream)).collect::<Vec<_>>().join(", ")
}
