//! What people call users, rooms and places: resolves the identifiers of a trace, so that a report never shows one.

use std::collections::BTreeMap;

use system::protocol::{EventBody, Room, RoomId, ServerFrame, StreamId, User, UserId};
use uuid::Uuid;

use crate::index::{Index, Operation};

/// The names of a trace's users and rooms.
#[derive(Debug, Default)]
pub(crate) struct Names<'t> {
    users: BTreeMap<UserId, &'t str>,
    rooms: BTreeMap<RoomId, String>,
}

impl<'t> Names<'t> {
    pub(crate) fn new(index: &Index<'t>) -> Self {
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
                EventBody::UserCreated(user) | EventBody::UserUpdated(user) => names.add_user(user),
                EventBody::RoomCreated(room) | EventBody::RoomJoined(room) => names.add_room(room),
                _ => {}
            }
        }
        for request in index.requests.iter().filter(|request| request.operation == Operation::CreateRoom) {
            if let Some(room) = request.success().and_then(|answer| answer.object::<Room>()) {
                names.add_room(&room);
            }
        }
        // A device's name begins with what the history calls its user; that is the best name there is.
        for (device, user) in &index.users {
            names.users.insert(*user, user_of(device));
        }
        names
    }

    fn add_user(&mut self, user: &'t User) {
        self.users.entry(user.id).or_insert_with(|| user.email.split('@').next().unwrap_or(&user.name));
    }

    fn add_room(&mut self, room: &Room) {
        self.rooms.entry(room.id).or_insert_with(|| room.name.clone());
    }

    /// `ana`.
    pub(crate) fn user(&self, user: UserId) -> String {
        self.users.get(&user).map_or_else(|| format!("user {user}"), ToString::to_string)
    }

    /// `general`.
    pub(crate) fn room(&self, room: RoomId) -> String {
        self.rooms.get(&room).cloned().unwrap_or_else(|| room.to_string())
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
        let named = path.split('/').map(|segment| {
            let id = segment.rsplit(':').next().and_then(|id| Uuid::parse_str(id).ok());
            id.and_then(|id| self.any(id)).unwrap_or_else(|| segment.to_owned())
        });
        named.collect::<Vec<_>>().join("/")
    }

    fn any(&self, id: Uuid) -> Option<String> {
        let user = self.users.get(&UserId(id)).map(ToString::to_string);
        user.or_else(|| self.rooms.get(&RoomId(id)).cloned())
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
