//! `create_room`: a device creates a room, others are let in, and they talk (IT-13).

use proptest::prelude::*;
use proptest::strategy::BoxedStrategy;
use serde::{Deserialize, Serialize};
use system::client::{Answer, Operation};
use system::protocol::{Room, Visibility};

use super::{Action, AddMember, Begun, Book, Deed, Kind, names};
use crate::history::draw::{NEW_ROOM, Scene, Stage, speak};
use crate::history::{RoomPlan, UserPlan};
use crate::world::Device;

pub(super) const KIND: Kind =
    Kind { name: "create_room", summary: "a device creates a room", weight: 3, strategy: Some(strategy) };

/// A new room.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreateRoom {
    /// `user/device`.
    pub device: String,
    /// The new room's name, unique in the history.
    pub room: String,
    /// Who may join it.
    pub visibility: Visibility,
}

impl Deed for CreateRoom {
    names!(device uses Device, room makes Room);

    fn what(&self) -> String {
        let adjective = match self.visibility {
            Visibility::Public => "public",
            Visibility::Private => "private",
        };
        format!("creates the {adjective} room {}", self.room)
    }

    fn begin(&self, _: &Device, _: &Book) -> Result<Begun, String> {
        Ok(Operation::CreateRoom { name: self.room.clone(), visibility: self.visibility }.into())
    }

    /// Later steps may name the room as soon as its creator knows of it.
    fn learn(&self, answer: &Answer, book: &Book) {
        if let Ok(room) = serde_json::from_str::<Room>(&answer.body) {
            book.add_room(&self.room, room.id);
        }
    }
}

/// A new room, and what its founder and the first guests do in it.
fn strategy(stage: &Stage) -> BoxedStrategy<Scene> {
    let visibility = prop_oneof![Just(Visibility::Public), Just(Visibility::Private)];
    let stage = stage.clone();
    (stage.founder(), visibility)
        .prop_flat_map(move |(founder, visibility)| {
            let creation = CreateRoom { device: founder.clone(), room: NEW_ROOM.to_owned(), visibility };
            let newcomers = prop::collection::vec((200_u64..=3_000, stage.user()), 0..=3);
            let room = RoomPlan { name: NEW_ROOM.to_owned(), visibility, members: Vec::new() };
            let talk = prop::collection::vec((100_u64..=4_000, stage.device(), any::<bool>()), 0..=4);
            (newcomers, talk).prop_map(move |(newcomers, talk)| {
                let add = |(after_ms, user): (u64, UserPlan)| {
                    let (device, room) = (founder.clone(), NEW_ROOM.to_owned());
                    Scene::one(after_ms, AddMember { device, room, user: user.name })
                };
                let say = |(after_ms, device, by_founder): (u64, String, bool)| {
                    let device = if by_founder { founder.clone() } else { device };
                    Scene::one(after_ms, speak(device, &room, false))
                };
                Scene::one(0, Action::CreateRoom(creation.clone()))
                    .and(0, newcomers.into_iter().map(add).collect())
                    .and(0, talk.into_iter().map(say).collect())
            })
        })
        .boxed()
}
