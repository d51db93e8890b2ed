//! `reply`: a device replies in a thread; where there is none yet, it opens one instead (IT-13, CG-3).

use proptest::prelude::*;
use proptest::strategy::BoxedStrategy;
use serde::{Deserialize, Serialize};
use system::client::Operation;

use super::{Action, Begun, Book, Deed, Kind, OpenThread, Way, names};
use crate::history::draw::{Choice, Scene, Stage, in_some_room};
use crate::world::Device;

pub(super) const KIND: Kind =
    Kind { name: "reply", summary: "a device replies in a thread", weight: 7, strategy: Some(strategy) };

/// A message in a thread.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reply {
    /// `user/device`.
    pub device: String,
    /// The room's name.
    pub room: String,
    /// The message that the thread is of, by its first words.
    pub thread: String,
    /// The text, unique in the history.
    pub body: String,
    /// Which way.
    pub over: Way,
}

impl Deed for Reply {
    names!(device uses Device, room uses Room, thread uses Message, body makes Message);

    fn what(&self) -> String {
        format!("replies {:?} to {:?} in {}{}", self.body, self.thread, self.room, self.over.words())
    }

    fn begin(&self, _: &Device, book: &Book) -> Result<Begun, String> {
        let (room, thread, body) = (book.room(&self.room)?, book.thread(&self.thread)?, self.body.clone());
        Ok(match self.over {
            Way::Websocket => Operation::SendReply { room, thread, body },
            Way::Rest => Operation::PostReply { room, thread, body },
        }
        .into())
    }

    fn otherwise(&self) -> Option<Action> {
        let (device, room, message) = (self.device.clone(), self.room.clone(), Choice::Root(0).name());
        Some(OpenThread { device, room, message }.into())
    }
}

fn strategy(stage: &Stage) -> BoxedStrategy<Scene> {
    in_some_room(stage, |stage, room| {
        let (plan, room) = (room.clone(), room.name.clone());
        (stage.speaker(&plan), 0_usize..3, Way::strategy())
            .prop_map(move |(device, back, over)| {
                let (room, thread, body) = (room.clone(), Choice::Thread(back).name(), String::new());
                Reply { device, room, thread, body, over }.into()
            })
            .boxed()
    })
}
