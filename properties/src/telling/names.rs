//! What people call users, rooms and places: resolves the identifiers of a trace, so that a report never shows one.

use std::collections::BTreeMap;

use system::protocol::{EventBody, Room, RoomId, ServerFrame, StreamId, User, UserId};
use uuid::Uuid;

use crate::index::{Index, Operation};

/// The length of a UUID's text.
const UUID_LENGTH: usize = 36;

/// What the identifiers of a trace are called.
#[derive(Debug, Default)]
pub(crate) struct Names(BTreeMap<Uuid, String>);

impl Names {
    pub(crate) fn new(index: &Index<'_>) -> Self {
        let mut names = Self::default();
        let logged = index.log.streams().flat_map(|(_, log)| log.events);
        let pushed =
            index.connections.iter().flat_map(|connection| connection.received()).filter_map(
                |(_, frame)| match frame {
                    ServerFrame::Event(event) => Some(event),
                    _ => None,
                },
            );
        for event in logged.chain(pushed) {
            match &event.body {
                EventBody::CompanyCreated(company) => names.add(company.id.0, "company"),
                EventBody::UserCreated(user) | EventBody::UserUpdated(user) => names.add_user(user),
                EventBody::RoomCreated(room) | EventBody::RoomJoined(room) => names.add(room.id.0, &room.name),
                EventBody::FileCreated(file) | EventBody::FileCompleted(file) => names.add(file.id.0, &file.name),
                _ => {}
            }
        }
        for request in index.requests.iter().filter(|request| request.operation == Operation::CreateRoom) {
            if let Some(room) = request.success().and_then(|answer| answer.object::<Room>()) {
                names.add(room.id.0, &room.name);
            }
        }
        for (session, device) in &index.sessions {
            names.add(session.0, device);
        }
        // A device's name begins with what the history calls its user; that is the best name there is.
        for (device, user) in &index.users {
            names.0.insert(user.0, user_of(device).to_owned());
        }
        names
    }

    /// `ana`.
    pub(crate) fn user(&self, user: UserId) -> String {
        self.call(user.0)
    }

    /// `general`.
    pub(crate) fn room(&self, room: RoomId) -> String {
        self.call(room.0)
    }

    /// `room general`, `the company's stream`, `ana's own stream`.
    pub(crate) fn stream(&self, stream: StreamId) -> String {
        match stream {
            StreamId::Company(_) => "the company's stream".to_owned(),
            StreamId::Room(room) => format!("room {}", self.room(room)),
            StreamId::User(user) => format!("{}'s own stream", self.user(user)),
        }
    }

    /// `general#17`, `company#4`, `ana#3`.
    pub(crate) fn place(&self, stream: StreamId, seq: u64) -> String {
        match stream {
            StreamId::Company(_) => format!("company#{seq}"),
            StreamId::Room(room) => format!("{}#{seq}", self.room(room)),
            StreamId::User(user) => format!("{}#{seq}", self.user(user)),
        }
    }

    /// A path with names in the place of identifiers.
    pub(crate) fn path(&self, path: &str) -> String {
        self.in_text(&path.replace("%3A", ":"))
    }

    /// A text with names in the place of identifiers: `room:0189…` becomes `general`.
    pub(crate) fn in_text(&self, text: &str) -> String {
        let mut told = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((start, id)) = find_uuid(rest) {
            let before = &rest[..start];
            let kind = ["room:", "user:", "company:"].into_iter().find(|kind| before.ends_with(kind));
            told.push_str(kind.and_then(|kind| before.strip_suffix(kind)).unwrap_or(before));
            told.push_str(&self.call(id));
            rest = &rest[start + UUID_LENGTH..];
        }
        told + rest
    }

    /// The name of anything, or the end of its identifier if it has none.
    pub(crate) fn call(&self, id: Uuid) -> String {
        self.0.get(&id).cloned().unwrap_or_else(|| id.to_string()[UUID_LENGTH - 6..].to_owned())
    }

    fn add(&mut self, id: Uuid, name: &str) {
        self.0.entry(id).or_insert_with(|| name.to_owned());
    }

    fn add_user(&mut self, user: &User) {
        self.add(user.id.0, user.email.split('@').next().unwrap_or(&user.name));
    }
}

/// The user's part of a device's name: `ana` of `ana/phone`.
pub(crate) fn user_of(device: &str) -> &str {
    device.split('/').next().unwrap_or(device)
}

/// A device as a sentence names it: `ana's phone`.
pub(crate) fn possessive(device: &str) -> String {
    match device.split_once('/') {
        Some((user, program)) => format!("{user}'s {program}"),
        None => format!("the {device}"),
    }
}

/// The first UUID in a text, and where it begins.
fn find_uuid(text: &str) -> Option<(usize, Uuid)> {
    let starts = text.char_indices().map(|(start, _)| start);
    starts.into_iter().find_map(|start| {
        let candidate = text.get(start..start + UUID_LENGTH)?;
        Some((start, Uuid::try_parse(candidate).ok()?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_become_names_wherever_they_stand() {
        let id = |end: u128| Uuid::from_u128(0x0189_0000_0000_7000_8000_0000_0000_0000 + end);
        let mut names = Names::default();
        names.add(id(10), "general");
        names.add(id(11), "ana");
        let check = |text: String, told: &str| assert_eq!(names.in_text(&text), told);
        check(format!("room:{}#17", id(10)), "general#17");
        check(format!("{} leaves {}", id(11), id(10)), "ana leaves general");
        check(format!("ä {} ä", id(10)), "ä general ä");
        check(format!("room:{}", id(255)), "0000ff");
        check("short".into(), "short");
        assert_eq!(names.path(&format!("/streams/room%3A{}/events", id(10))), "/streams/general/events");
        assert_eq!(names.stream(StreamId::User(UserId(id(11)))), "ana's own stream");
    }

    #[test]
    fn a_device_is_somebodys() {
        assert_eq!((possessive("ana/phone").as_str(), possessive("auditor").as_str()), ("ana's phone", "the auditor"));
    }
}
