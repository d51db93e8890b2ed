//! `post`: a device posts a message over REST (IT-12, IT-E1).

use proptest::prelude::*;
use proptest::strategy::BoxedStrategy;
use serde::{Deserialize, Serialize};
use system::client::Operation;

use super::{Begun, Book, Deed, Kind, names};
use crate::history::draw::{Scene, Stage, in_some_room, speak};
use crate::world::Device;

pub(super) const KIND: Kind =
    Kind { name: "post", summary: "a device posts a message over REST", weight: 14, strategy: Some(strategy) };

/// A message over REST.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Post {
    /// `user/device`.
    pub device: String,
    /// The room's name.
    pub room: String,
    /// The text, unique in the history.
    pub body: String,
}

impl Deed for Post {
    names!(device uses Device, room uses Room, body makes Message);

    fn what(&self) -> String {
        format!("posts {:?} to {} over REST", self.body, self.room)
    }

    fn begin(&self, _: &Device, book: &Book) -> Result<Begun, String> {
        Ok(Operation::PostMessage { room: book.room(&self.room)?, body: self.body.clone() }.into())
    }
}

fn strategy(stage: &Stage) -> BoxedStrategy<Scene> {
    in_some_room(stage, |stage, room| {
        let room = room.clone();
        stage.speaker(&room).prop_map(move |device| speak(device, &room, true)).boxed()
    })
}
