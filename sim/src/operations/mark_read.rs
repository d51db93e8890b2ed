//! `mark_read`: a device says how far its user has read a room (IT-13; read markers only grow).

use proptest::prelude::*;
use proptest::strategy::BoxedStrategy;
use serde::{Deserialize, Serialize};
use system::client::Operation;
use system::protocol::StreamId;

use super::{Action, Begun, Book, Deed, Kind, Way, names};
use crate::history::RoomPlan;
use crate::history::draw::{Scene, Stage};
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

/// One mark; or two of one user at nearly the same time, of which the later may have read less.
fn strategy(stage: &Stage) -> BoxedStrategy<Scene> {
    stage.in_some_room(|stage, room| {
        let (stage, room) = (stage.clone(), room.clone());
        let member = stage.member(&room);
        let one = (stage.speaker(&room), mark(&room)).prop_map(by).boxed();
        let rivals = member.prop_flat_map(move |user| {
            let one = || (stage.device_of(&user), mark(&room)).prop_map(by);
            (one(), 0_u64..=400, one()).prop_map(|(one, after_ms, other)| one.and(after_ms, other))
        });
        prop_oneof![3 => one, 1 => rivals].boxed()
    })
}

fn by((device, mark): (String, MarkRead)) -> Scene {
    Scene::one(0, MarkRead { device, ..mark })
}

/// A mark in `room`, of whichever device.
fn mark(room: &RoomPlan) -> impl Strategy<Value = MarkRead> + use<> {
    let (device, room) = (String::new(), room.name.clone());
    let mark = MarkRead { device, room, behind: 0, over: Way::Rest };
    let behind = prop_oneof![3 => Just(0_u64), 1 => 1_u64..=8];
    (behind, Way::strategy()).prop_map(move |(behind, over)| MarkRead { behind, over, ..mark.clone() })
}
