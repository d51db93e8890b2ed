//! Every version of every message, as the final logs tell them: from its creation over its edits to its deletion.

use std::collections::BTreeMap;

use system::protocol::{Event, EventBody, Message, RoomId, StreamId};

use super::Log;

/// The versions of all messages, by room and by the position of their creation.
#[derive(Debug, Default)]
pub(crate) struct Versions<'t>(BTreeMap<(RoomId, u64), Vec<&'t Event>>);

impl<'t> Versions<'t> {
    pub(crate) fn new(log: &Log<'t>) -> Self {
        let mut versions: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (stream, log) in log.streams() {
            let StreamId::Room(room) = stream else { continue };
            for event in log.events {
                match &event.body {
                    EventBody::MessageCreated(_) => versions.entry((room, event.seq)).or_default().push(event),
                    EventBody::MessageUpdated(message) | EventBody::MessageDeleted(message) => {
                        versions.entry((room, message.seq)).or_default().push(event);
                    }
                    _ => {}
                }
            }
        }
        Self(versions)
    }

    /// The event that gave a message the version that `message` has, and the message in it.
    pub(crate) fn of(&self, message: &Message) -> Option<(&'t Event, &'t Message)> {
        self.all(message.room, message.seq).iter().find_map(|event| {
            let logged = event.body.message()?;
            (logged.version == message.version).then_some((*event, logged))
        })
    }

    /// All versions of the message at a place, in the order of the log.
    pub(crate) fn all(&self, room: RoomId, seq: u64) -> &[&'t Event] {
        self.0.get(&(room, seq)).map_or(&[], Vec::as_slice)
    }

    /// The versions of each message.
    pub(crate) fn messages(&self) -> impl Iterator<Item = &[&'t Event]> {
        self.0.values().map(Vec::as_slice)
    }
}
