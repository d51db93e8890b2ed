//! `typing`: a device shows a room that its user types.

use proptest::prelude::*;
use proptest::strategy::BoxedStrategy;
use serde::{Deserialize, Serialize};
use system::client::Operation;

use super::{Begun, Book, Deed, Kind, names};
use crate::history::draw::{Scene, Stage, in_some_room};
use crate::world::Device;

pub(super) const KIND: Kind =
    Kind { name: "typing", summary: "a device shows a room that its user types", weight: 7, strategy: Some(strategy) };

/// A sign of life.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Typing {
    /// `user/device`.
    pub device: String,
    /// The room's name.
    pub room: String,
}

impl Deed for Typing {
    names!(device uses Device, room uses Room);

    fn what(&self) -> String {
        format!("types in {}", self.room)
    }

    fn begin(&self, _: &Device, book: &Book) -> Result<Begun, String> {
        Ok(Operation::Typing { room: book.room(&self.room)? }.into())
    }
}

fn strategy(stage: &Stage) -> BoxedStrategy<Scene> {
    in_some_room(stage, |stage, room| {
        let (plan, room) = (room.clone(), room.name.clone());
        stage.speaker(&plan).prop_map(move |device| Typing { device, room: room.clone() }.into()).boxed()
    })
}
