//! `delete_message`: a device deletes a message, its own user's or, as an admin, another's (IT-12, IT-13, WS-5).

use proptest::prelude::*;
use proptest::strategy::BoxedStrategy;
use serde::{Deserialize, Serialize};
use system::client::Operation;

use super::{Begun, Book, Deed, Kind, Way, names};
use crate::history::draw::{Choice, Scene, Stage, in_some_room};
use crate::world::Device;

pub(super) const KIND: Kind =
    Kind { name: "delete_message", summary: "a device deletes a message", weight: 3, strategy: Some(strategy) };

/// A message less.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeleteMessage {
    /// `user/device`.
    pub device: String,
    /// The room's name.
    pub room: String,
    /// The message, by its first words.
    pub message: String,
    /// Which way.
    pub over: Way,
}

impl Deed for DeleteMessage {
    names!(device uses Device, room uses Room, message uses Message);

    fn what(&self) -> String {
        format!("deletes {:?} in {}{}", self.message, self.room, self.over.words())
    }

    fn begin(&self, _: &Device, book: &Book) -> Result<Begun, String> {
        let (room, message) = (book.room(&self.room)?, book.message(&self.message)?);
        Ok(match self.over {
            Way::Websocket => Operation::SendDeletion { room, message },
            Way::Rest => Operation::DeleteMessage { room, message, version: None },
        }
        .into())
    }
}

fn strategy(stage: &Stage) -> BoxedStrategy<Scene> {
    in_some_room(stage, |stage, room| {
        let (plan, room) = (room.clone(), room.name.clone());
        let choice = prop_oneof![3 => (0_usize..4).prop_map(Choice::Own), 1 => (0_usize..4).prop_map(Choice::Any)];
        (stage.speaker(&plan), choice, Way::strategy())
            .prop_map(move |(device, choice, over)| {
                DeleteMessage { device, room: room.clone(), message: choice.name(), over }.into()
            })
            .boxed()
    })
}
