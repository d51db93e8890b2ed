//! `read_snapshot`: a device reads the state of a stream over REST (CG-2, PROTOCOL 5 and 6).

use proptest::prelude::*;
use proptest::strategy::BoxedStrategy;
use serde::{Deserialize, Serialize};
use system::client::Operation;

use super::topic::names_of_topic;
use super::{Begun, Book, Deed, Kind, Topic};
use crate::history::draw::{Scene, Stage};
use crate::world::Device;

pub(super) const KIND: Kind = Kind {
    name: "read_snapshot",
    summary: "a device reads the state of a stream over REST",
    weight: 1,
    strategy: Some(strategy),
};

/// A look at a stream's state.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReadSnapshot {
    /// `user/device`.
    pub device: String,
    /// Which stream.
    pub stream: Topic,
}

impl Deed for ReadSnapshot {
    names_of_topic!();

    fn what(&self) -> String {
        format!("reads the state of {} over REST", self.stream.words())
    }

    fn begin(&self, _: &Device, book: &Book) -> Result<Begun, String> {
        Ok(Operation::ReadSnapshot { stream: self.stream.stream(book)? }.into())
    }
}

fn strategy(stage: &Stage) -> BoxedStrategy<Scene> {
    Topic::strategy(stage).prop_map(|(device, stream)| Scene::one(0, ReadSnapshot { device, stream })).boxed()
}
