//! `read_room`: a device reads a room's messages over REST (PROTOCOL 6, IT-3).

use proptest::prelude::*;
use proptest::strategy::BoxedStrategy;
use serde::{Deserialize, Serialize};
use system::client::Operation;

use super::{Action, Begun, Book, Deed, Kind, names};
use crate::history::draw::{Scene, Stage, in_some_room};
use crate::world::Device;

pub(super) const KIND: Kind = Kind {
    name: "read_room",
    summary: "a device reads a room's messages over REST",
    weight: 8,
    strategy: Some(strategy),
};

/// A look at a room's messages.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReadRoom {
    /// `user/device`.
    pub device: String,
    /// The room's name.
    pub room: String,
}

impl Deed for ReadRoom {
    names!(device uses Device, room uses Room);

    fn what(&self) -> String {
        format!("reads {} over REST", self.room)
    }

    fn begin(&self, _: &Device, book: &Book) -> Result<Begun, String> {
        Ok(Operation::ReadMessages { room: book.room(&self.room)? }.into())
    }
}

fn strategy(stage: &Stage) -> BoxedStrategy<Scene> {
    in_some_room(stage, |stage, room| {
        let room = room.name.clone();
        stage.device().prop_map(move |device| Action::ReadRoom(ReadRoom { device, room: room.clone() })).boxed()
    })
}
