//! `edit_message`: a device changes the words of a message, mostly its own user's (IT-4, IT-12, CG-4).

use proptest::prelude::*;
use proptest::strategy::BoxedStrategy;
use serde::{Deserialize, Serialize};
use system::client::Operation;

use super::{Begun, Book, Deed, Kind, Way, names};
use crate::history::draw::{Choice, Scene, Stage, in_some_room};
use crate::world::Device;

pub(super) const KIND: Kind = Kind {
    name: "edit_message",
    summary: "a device changes the words of a message",
    weight: 5,
    strategy: Some(strategy),
};

/// Other words for a message.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EditMessage {
    /// `user/device`.
    pub device: String,
    /// The room's name.
    pub room: String,
    /// The message, by its first words.
    pub message: String,
    /// Its new words, unique in the history.
    pub body: String,
    /// Only if the message still is as the device has seen it (CG-4).
    pub careful: bool,
    /// Which way.
    pub over: Way,
}

impl Deed for EditMessage {
    names!(device uses Device, room uses Room, message uses Message, body makes Text);

    fn what(&self) -> String {
        let Self { room, message, body, careful, over, .. } = self;
        let careful = if *careful { ", if it still is as it was seen," } else { "" };
        format!("edits {message:?} in {room}{careful} to {body:?}{}", over.words())
    }

    fn begin(&self, device: &Device, book: &Book) -> Result<Begun, String> {
        let (room, message, body) = (book.room(&self.room)?, book.message(&self.message)?, self.body.clone());
        let version = if self.careful { device.message(room, message).map(|seen| seen.version) } else { None };
        Ok(match self.over {
            Way::Websocket => Operation::SendEdit { room, message, body, version },
            Way::Rest => Operation::EditMessage { room, message, body, version },
        }
        .into())
    }
}

fn strategy(stage: &Stage) -> BoxedStrategy<Scene> {
    in_some_room(stage, |stage, room| {
        let (plan, room) = (room.clone(), room.name.clone());
        let choice = prop_oneof![8 => (0_usize..4).prop_map(Choice::Own), 1 => (0_usize..4).prop_map(Choice::Any)];
        (stage.speaker(&plan), choice, any::<bool>(), Way::strategy())
            .prop_map(move |(device, choice, careful, over)| {
                let (room, message, body) = (room.clone(), choice.name(), String::new());
                EditMessage { device, room, message, body, careful, over }.into()
            })
            .boxed()
    })
}
