//! `read_replies`: a device reads the replies of a thread over REST (PROTOCOL 6, IT-3).

use proptest::prelude::*;
use proptest::strategy::BoxedStrategy;
use serde::{Deserialize, Serialize};
use system::client::Operation;

use super::{Action, Begun, Book, Deed, Kind, OpenThread, names};
use crate::history::draw::{Choice, Scene, Stage, in_some_room};
use crate::world::Device;

pub(super) const KIND: Kind = Kind {
    name: "read_replies",
    summary: "a device reads the replies of a thread over REST",
    weight: 1,
    strategy: Some(strategy),
};

/// A look at a thread.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReadReplies {
    /// `user/device`.
    pub device: String,
    /// The room's name.
    pub room: String,
    /// The message that the thread is of, by its first words.
    pub thread: String,
}

impl Deed for ReadReplies {
    names!(device uses Device, room uses Room, thread uses Message);

    fn what(&self) -> String {
        format!("reads the replies to {:?} in {} over REST", self.thread, self.room)
    }

    fn begin(&self, _: &Device, book: &Book) -> Result<Begun, String> {
        Ok(Operation::ReadReplies { room: book.room(&self.room)?, thread: book.thread(&self.thread)? }.into())
    }

    fn otherwise(&self) -> Option<Action> {
        let (device, room, message) = (self.device.clone(), self.room.clone(), Choice::Root(0).name());
        Some(OpenThread { device, room, message }.into())
    }
}

fn strategy(stage: &Stage) -> BoxedStrategy<Scene> {
    in_some_room(stage, |stage, room| {
        let room = room.name.clone();
        (stage.device(), 0_usize..3)
            .prop_map(move |(device, back)| {
                ReadReplies { device, room: room.clone(), thread: Choice::Thread(back).name() }.into()
            })
            .boxed()
    })
}
