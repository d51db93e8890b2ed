//! `add_member`: a device adds a user to a room; itself: joins it (IT-7, IT-13, IT-E3).

use proptest::prelude::*;
use proptest::strategy::BoxedStrategy;
use serde::{Deserialize, Serialize};
use system::client::Operation;

use super::action::is_own;
use super::{Action, Begun, Book, Deed, Kind, names};
use crate::history::draw::{Scene, Stage, in_some_room, joining};
use crate::world::Device;

pub(super) const KIND: Kind = Kind {
    name: "add_member",
    summary: "a device adds a user to a room; itself: joins it",
    weight: 6,
    strategy: Some(strategy),
};

/// A member more.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AddMember {
    /// `user/device`.
    pub device: String,
    /// The room's name.
    pub room: String,
    /// The user's name.
    pub user: String,
}

impl Deed for AddMember {
    names!(device uses Device, room uses Room, user uses User);

    fn what(&self) -> String {
        let Self { device, room, user } = self;
        if is_own(device, user) { format!("joins {room}") } else { format!("adds {user} to {room}") }
    }

    fn begin(&self, _: &Device, book: &Book) -> Result<Begun, String> {
        Ok(Operation::AddMember { room: book.room(&self.room)?, user: book.user(&self.user)? }.into())
    }
}

fn strategy(stage: &Stage) -> BoxedStrategy<Scene> {
    in_some_room(stage, |stage, room| {
        let name = room.name.clone();
        let added = (stage.manager(room), stage.user()).prop_map(|(device, user)| (device, user.name));
        prop_oneof![3 => added, 1 => joining(stage)]
            .prop_map(move |(device, user)| Action::AddMember(AddMember { device, room: name.clone(), user }))
            .boxed()
    })
}
