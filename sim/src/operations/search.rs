//! `search`: a device searches a room's messages for a text (PROTOCOL 6).

use proptest::prelude::*;
use proptest::strategy::BoxedStrategy;
use serde::{Deserialize, Serialize};
use system::client::Operation;

use super::{Begun, Book, Deed, Kind, names};
use crate::history::draw::{Scene, Stage, in_some_room};
use crate::world::Device;

pub(super) const KIND: Kind = Kind {
    name: "search",
    summary: "a device searches a room's messages for a text",
    weight: 2,
    strategy: Some(strategy),
};

/// A search.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Search {
    /// `user/device`.
    pub device: String,
    /// The room's name.
    pub room: String,
    /// The text.
    pub query: String,
}

impl Deed for Search {
    names!(device uses Device, room uses Room);

    fn what(&self) -> String {
        format!("searches {} for {:?}", self.room, self.query)
    }

    fn begin(&self, _: &Device, book: &Book) -> Result<Begun, String> {
        Ok(Operation::SearchMessages { room: book.room(&self.room)?, query: self.query.clone() }.into())
    }
}

fn strategy(stage: &Stage) -> BoxedStrategy<Scene> {
    in_some_room(stage, |stage, room| {
        let room = room.name.clone();
        // Messages are called m1, m2, …: one letter finds all of them, in upper case too.
        let query = prop_oneof![2 => (1_u32..=9).prop_map(|digit| format!("m{digit}")), 1 => Just("M".to_owned())];
        (stage.device(), query)
            .prop_map(move |(device, query)| Search { device, room: room.clone(), query }.into())
            .boxed()
    })
}
