//! The conversations that the store knows, and which of them a file is.

use std::collections::BTreeMap;

use super::files::Files;
use crate::platform::FeedPath;
use crate::protocol::{CompanyId, RoomId};
use crate::store::FeedConversation;

/// All conversations of all companies.
#[derive(Debug, Default)]
pub(super) struct Conversations {
    by_room: BTreeMap<RoomId, FeedConversation>,
    by_id: BTreeMap<(CompanyId, String), RoomId>,
    by_file: BTreeMap<FeedPath, RoomId>,
}

/// Which conversation a file is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Found {
    /// This one.
    Known(RoomId),
    /// None that is known by its identifier or its file's name.
    Unknown,
    /// One that this other file has.
    Taken(FeedPath),
}

impl Conversations {
    pub(super) fn new(known: Vec<FeedConversation>) -> Self {
        let mut conversations = Self::default();
        for conversation in known {
            conversations.set(conversation);
        }
        conversations
    }

    pub(super) fn get(&self, room: RoomId) -> Option<&FeedConversation> {
        self.by_room.get(&room)
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &FeedConversation> {
        self.by_room.values()
    }

    /// The conversation that the store has for a file.
    pub(super) fn of_file(&self, path: &FeedPath) -> Option<RoomId> {
        self.by_file.get(path).copied()
    }

    /// Takes over what the store has now.
    pub(super) fn set(&mut self, conversation: FeedConversation) {
        if let Some(before) = self.by_room.get(&conversation.room).and_then(FeedConversation::path)
            && self.by_file.get(&before) == Some(&conversation.room)
        {
            self.by_file.remove(&before);
        }
        if let Some(path) = conversation.path() {
            let other = self.by_file.insert(path, conversation.room).filter(|other| *other != conversation.room);
            if let Some(displaced) = other.and_then(|other| self.by_room.get_mut(&other)) {
                displaced.file = None;
            }
        }
        if let Some(id) = &conversation.id {
            self.by_id.insert((conversation.company, id.clone()), conversation.room);
        }
        self.by_room.insert(conversation.room, conversation);
    }

    /// Which conversation a file is, by its conversation's own identifier or else by its name.
    pub(super) fn find(&self, company: CompanyId, path: &FeedPath, id: Option<&str>, files: &Files) -> Found {
        let by_name = self.of_file(path);
        let Some(id) = id else { return by_name.map_or(Found::Unknown, Found::Known) };
        let Some(room) = self.by_id.get(&(company, id.to_owned())).copied() else {
            // It has got an identifier, or its file holds another conversation by now.
            let nameless = by_name.filter(|room| self.get(*room).is_some_and(|known| known.id.is_none()));
            return nameless.map_or(Found::Unknown, Found::Known);
        };
        match self.get(room).and_then(FeedConversation::path) {
            Some(holder) if holder != *path && holds(files, &holder, room) => Found::Taken(holder),
            _ => Found::Known(room),
        }
    }
}

/// Whether a file is there and is, as far as is known, this conversation's.
pub(super) fn holds(files: &Files, path: &FeedPath, room: RoomId) -> bool {
    files.get(path).is_some_and(|file| file.room.is_none_or(|of| of == room))
}
