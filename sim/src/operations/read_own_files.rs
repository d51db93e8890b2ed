//! `read_own_files`: a device reads which files its user has, uploads under way included (IT-15).

use proptest::prelude::*;
use proptest::strategy::BoxedStrategy;
use serde::{Deserialize, Serialize};
use system::client::Operation;

use super::{Begun, Book, Deed, Kind, names};
use crate::history::draw::{Scene, Stage};
use crate::world::Device;

pub(super) const KIND: Kind = Kind {
    name: "read_own_files",
    summary: "a device reads which files its user has",
    weight: 1,
    strategy: Some(strategy),
};

/// A look at one's own files.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReadOwnFiles {
    /// `user/device`.
    pub device: String,
}

impl Deed for ReadOwnFiles {
    names!(device uses Device);

    fn what(&self) -> String {
        "reads its own files over REST".to_owned()
    }

    fn begin(&self, _: &Device, _: &Book) -> Result<Begun, String> {
        Ok(Operation::ReadOwnFiles.into())
    }
}

fn strategy(stage: &Stage) -> BoxedStrategy<Scene> {
    stage.device().prop_map(|device| Scene::one(0, ReadOwnFiles { device })).boxed()
}
