//! `update_room`: a device renames a room, or changes who may join it (IT-13, IT-14).

use proptest::prelude::*;
use proptest::strategy::BoxedStrategy;
use serde::{Deserialize, Serialize};
use system::client::Operation;
use system::protocol::Visibility;

use super::{Begun, Book, Deed, Kind, names};
use crate::history::draw::{Scene, Stage, in_some_room};
use crate::world::Device;

pub(super) const KIND: Kind = Kind {
    name: "update_room",
    summary: "a device renames a room, or changes who may join it",
    weight: 3,
    strategy: Some(strategy),
};

/// Another name or visibility for a room.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UpdateRoom {
    /// `user/device`.
    pub device: String,
    /// The room, by its first name: that is what histories go on to call it.
    pub room: String,
    /// What it is called from then on, unique in the history.
    pub title: String,
    /// Who may join it from then on; absent: who could before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visibility: Option<Visibility>,
}

impl Deed for UpdateRoom {
    names!(device uses Device, room uses Room, title makes Title);

    fn what(&self) -> String {
        let visibility = match self.visibility {
            Some(Visibility::Public) => " and makes it public",
            Some(Visibility::Private) => " and makes it private",
            None => "",
        };
        format!("renames {} to {:?}{visibility}", self.room, self.title)
    }

    fn begin(&self, _: &Device, book: &Book) -> Result<Begun, String> {
        let (room, name, visibility) = (book.room(&self.room)?, Some(self.title.clone()), self.visibility);
        Ok(Operation::UpdateRoom { room, name, visibility, version: None }.into())
    }
}

fn strategy(stage: &Stage) -> BoxedStrategy<Scene> {
    in_some_room(stage, |stage, room| {
        let room = room.clone();
        let change =
            prop_oneof![2 => Just(None), 1 => Just(Some(Visibility::Public)), 1 => Just(Some(Visibility::Private))];
        let renamed = (stage.manager(&room), Just(None));
        // Who changes the visibility governs the room: its creator, and admins.
        let changed = (stage.chief(None), change);
        prop_oneof![1 => renamed, 2 => changed]
            .prop_map(move |(device, visibility)| {
                UpdateRoom { device, room: room.name.clone(), title: String::new(), visibility }.into()
            })
            .boxed()
    })
}
