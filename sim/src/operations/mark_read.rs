//! `mark_read`: a device says how far its user has read a room (IT-13; read markers only grow).

use proptest::prelude::*;
use proptest::strategy::BoxedStrategy;
use serde::{Deserialize, Serialize};
use system::client::Operation;
use system::protocol::StreamId;

use super::{Action, Begun, Book, Deed, Kind, Way, names};
use crate::history::draw::{Scene, Stage, in_some_room};
use crate::world::Device;

pub(super) const KIND: Kind = Kind {
    name: "mark_read",
    summary: "a device says how far its user has read a room",
    weight: 5,
    strategy: Some(strategy),
};

/// A read marker.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MarkRead {
    /// `user/device`.
    pub device: String,
    /// The room's name.
    pub room: String,
    /// How many events before the last one that the device has.
    pub behind: u64,
    /// Which way.
    pub over: Way,
}

impl Deed for MarkRead {
    names!(device uses Device, room uses Room);

    fn what(&self) -> String {
        let up_to = match self.behind {
            0 => "all that it has".to_owned(),
            1 => "all but the last event".to_owned(),
            behind => format!("all but the last {behind} events"),
        };
        format!("has read {up_to} of {}{}", self.room, self.over.words())
    }

    fn begin(&self, device: &Device, book: &Book) -> Result<Begun, String> {
        let room = book.room(&self.room)?;
        let known = device.standing().positions.get(&StreamId::Room(room)).map(|position| position.seq);
        // Who follows the room not may still claim to have read it: the server is to refuse.
        let seq = known.unwrap_or(1).saturating_sub(self.behind).max(1);
        Ok(match self.over {
            Way::Websocket => Operation::SendRead { room, seq },
            Way::Rest => Operation::MarkRead { room, seq },
        }
        .into())
    }

    fn simpler(&self) -> Vec<Action> {
        if self.behind == 0 { Vec::new() } else { vec![Self { behind: 0, ..self.clone() }.into()] }
    }
}

fn strategy(stage: &Stage) -> BoxedStrategy<Scene> {
    in_some_room(stage, |stage, room| {
        let (plan, room) = (room.clone(), room.name.clone());
        let behind = prop_oneof![3 => Just(0_u64), 1 => 1_u64..=8];
        (stage.speaker(&plan), behind, Way::strategy())
            .prop_map(move |(device, behind, over)| MarkRead { device, room: room.clone(), behind, over }.into())
            .boxed()
    })
}
