//! `send`: a device sends a message on its WebSocket (IT-12, CG-1, CG-3).

use proptest::prelude::*;
use proptest::strategy::BoxedStrategy;
use serde::{Deserialize, Serialize};
use system::client::Operation;

use super::{Begun, Book, Deed, Kind, names};
use crate::history::draw::{Scene, Stage, in_some_room, speak};
use crate::world::Device;

pub(super) const KIND: Kind =
    Kind { name: "send", summary: "a device sends a message on its WebSocket", weight: 55, strategy: Some(strategy) };

/// A message on the WebSocket.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Send {
    /// `user/device`.
    pub device: String,
    /// The room's name.
    pub room: String,
    /// The text, unique in the history.
    pub body: String,
}

impl Deed for Send {
    names!(device uses Device, room uses Room, body makes Message);

    fn what(&self) -> String {
        format!("message.send {:?} to {}", self.body, self.room)
    }

    fn begin(&self, _: &Device, book: &Book) -> Result<Begun, String> {
        Ok(Operation::SendMessage { room: book.room(&self.room)?, body: self.body.clone() }.into())
    }
}

fn strategy(stage: &Stage) -> BoxedStrategy<Scene> {
    in_some_room(stage, |stage, room| {
        let room = room.clone();
        stage.speaker(&room).prop_map(move |device| speak(device, &room, false)).boxed()
    })
}
