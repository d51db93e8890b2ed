//! `archive_room`: a device archives a room, others try to go on in it, and it is taken out of the archive (IT-13).

use proptest::prelude::*;
use proptest::strategy::BoxedStrategy;
use serde::{Deserialize, Serialize};
use system::client::Operation;

use super::{Begun, Book, Deed, Kind, UnarchiveRoom, names};
use crate::history::draw::{Scene, Stage};
use crate::world::Device;

pub(super) const KIND: Kind =
    Kind { name: "archive_room", summary: "a device archives a room", weight: 2, strategy: Some(strategy) };

/// The end of all writing in a room, for now.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ArchiveRoom {
    /// `user/device`.
    pub device: String,
    /// The room's name.
    pub room: String,
}

impl Deed for ArchiveRoom {
    names!(device uses Device, room uses Room);

    fn what(&self) -> String {
        format!("archives {}", self.room)
    }

    fn begin(&self, _: &Device, book: &Book) -> Result<Begun, String> {
        Ok(Operation::ArchiveRoom { room: book.room(&self.room)? }.into())
    }
}

/// In the middle of a talk; and back, so that the room is not lost to the rest of the history.
fn strategy(stage: &Stage) -> BoxedStrategy<Scene> {
    stage.in_some_room(|stage, room| {
        let (chiefs, talk) = ((stage.chief(None), stage.chief(None)), stage.talk(room, 1..=3, 1_200));
        let room = room.name.clone();
        (chiefs, talk, 300_u64..=2_500)
            .prop_map(move |((archives, unarchives), talk, for_ms)| {
                let archive = ArchiveRoom { device: archives, room: room.clone() };
                let unarchive = UnarchiveRoom { device: unarchives, room: room.clone() };
                talk.and(200, Scene::one(0, archive)).and(200 + for_ms, Scene::one(0, unarchive))
            })
            .boxed()
    })
}
