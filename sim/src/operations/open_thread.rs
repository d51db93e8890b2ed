//! `open_thread`: a device opens the thread of a message (IT-13).

use proptest::prelude::*;
use proptest::strategy::BoxedStrategy;
use serde::{Deserialize, Serialize};
use system::client::{Answer, Operation};
use system::protocol::Thread;

use super::{Begun, Book, Deed, Kind, names};
use crate::history::draw::{Choice, Scene, Stage, in_some_room};
use crate::world::Device;

pub(super) const KIND: Kind = Kind {
    name: "open_thread",
    summary: "a device opens the thread of a message",
    weight: 3,
    strategy: Some(strategy),
};

/// A thread.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpenThread {
    /// `user/device`.
    pub device: String,
    /// The room's name.
    pub room: String,
    /// The message to reply to, by its first words.
    pub message: String,
}

impl Deed for OpenThread {
    names!(device uses Device, room uses Room, message uses Message);

    fn what(&self) -> String {
        format!("opens the thread of {:?} in {}", self.message, self.room)
    }

    fn begin(&self, _: &Device, book: &Book) -> Result<Begun, String> {
        Ok(Operation::OpenThread { room: book.room(&self.room)?, message: book.message(&self.message)? }.into())
    }

    fn learn(&self, answer: &Answer, book: &Book) {
        if let Ok(thread) = serde_json::from_str::<Thread>(&answer.body) {
            book.add_thread(thread.root, thread.id);
        }
    }
}

fn strategy(stage: &Stage) -> BoxedStrategy<Scene> {
    in_some_room(stage, |stage, room| {
        let (plan, room) = (room.clone(), room.name.clone());
        // Mostly of what can have one: threads are flat.
        let choice = prop_oneof![12 => (0_usize..4).prop_map(Choice::Root), 1 => (0_usize..4).prop_map(Choice::Any)];
        (stage.speaker(&plan), choice)
            .prop_map(move |(device, choice)| OpenThread { device, room: room.clone(), message: choice.name() }.into())
            .boxed()
    })
}
