//! `delete_room`: a device deletes a room in the middle of a talk (IT-13, PROTOCOL 6).

use proptest::prelude::*;
use proptest::strategy::BoxedStrategy;
use serde::{Deserialize, Serialize};
use system::client::Operation;

use super::{AddMember, Begun, Book, CreateRoom, Deed, Kind, UploadFile, Way, names};
use crate::history::RoomPlan;
use crate::history::draw::{NEW_ROOM, Scene, Stage, speak};
use crate::world::Device;
use system::protocol::Visibility;

pub(super) const KIND: Kind =
    Kind { name: "delete_room", summary: "a device deletes a room", weight: 2, strategy: Some(strategy) };

/// The end of a room and of all that is in it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeleteRoom {
    /// `user/device`.
    pub device: String,
    /// The room's name.
    pub room: String,
}

impl Deed for DeleteRoom {
    names!(device uses Device, room uses Room);

    fn what(&self) -> String {
        format!("deletes {} and all that is in it", self.room)
    }

    fn begin(&self, _: &Device, book: &Book) -> Result<Begun, String> {
        Ok(Operation::DeleteRoom { room: book.room(&self.room)? }.into())
    }
}

/// A room of its own mostly, with a talk that the deletion ends: what is there from the beginning, others need.
fn strategy(stage: &Stage) -> BoxedStrategy<Scene> {
    prop_oneof![9 => of_a_new_room(stage), 1 => of_a_room_in_use(stage)].boxed()
}

fn of_a_new_room(stage: &Stage) -> BoxedStrategy<Scene> {
    let visibility = prop_oneof![Just(Visibility::Public), Just(Visibility::Private)];
    let others = prop::collection::vec(stage.user(), 1..=3);
    let talk = prop::collection::vec((1_200_u64..=3_000, stage.device(), any::<bool>()), 2..=4);
    let files = prop::collection::vec((1_000_u64..=2_000, 1_u64..=70_000, Way::strategy()), 0..=2);
    (stage.founder(), visibility, others, talk, files, 1_800_u64..=2_800)
        .prop_map(|(founder, visibility, others, talk, files, deleted_ms)| {
            let room = RoomPlan { name: NEW_ROOM.to_owned(), visibility, members: Vec::new() };
            let (device, name) = (founder.clone(), room.name.clone());
            let create = Scene::one(0, CreateRoom { device, room: name.clone(), visibility });
            let add = |user: crate::history::UserPlan| {
                Scene::one(700, AddMember { device: founder.clone(), room: name.clone(), user: user.name })
            };
            let say = |(after_ms, device, rest): (u64, String, bool)| Scene::one(after_ms, speak(device, &room, rest));
            let upload = |(after_ms, bytes, over)| {
                let small = UploadFile::small(founder.clone());
                let room = Some(name.clone());
                Scene::one(after_ms, UploadFile { room, bytes, piece_bytes: 40_000, pause_ms: 400, over, ..small })
            };
            create
                .and(0, files.into_iter().map(upload).collect())
                .and(0, others.into_iter().map(add).collect())
                .and(0, talk.into_iter().map(say).collect())
                .and(deleted_ms, Scene::one(0, DeleteRoom { device: founder.clone(), room: name.clone() }))
        })
        .boxed()
}

fn of_a_room_in_use(stage: &Stage) -> BoxedStrategy<Scene> {
    stage.in_some_room(|stage, room| {
        let (talk, name) = (stage.talk(room, 1..=3, 100), room.name.clone());
        (stage.chief(None), talk)
            .prop_map(move |(device, talk)| talk.and(50, Scene::one(0, DeleteRoom { device, room: name.clone() })))
            .boxed()
    })
}
