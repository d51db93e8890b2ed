//! `read_quota`: a device reads how much of their quotas its user and their company have taken (IT-15).

use proptest::prelude::*;
use proptest::strategy::BoxedStrategy;
use serde::{Deserialize, Serialize};
use system::client::Operation;

use super::{Begun, Book, Deed, Kind, names};
use crate::history::draw::{Scene, Stage};
use crate::world::Device;

pub(super) const KIND: Kind = Kind {
    name: "read_quota",
    summary: "a device reads how much of their quotas its user and their company have taken",
    weight: 1,
    strategy: Some(strategy),
};

/// A look at the quotas.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReadQuota {
    /// `user/device`.
    pub device: String,
}

impl Deed for ReadQuota {
    names!(device uses Device);

    fn what(&self) -> String {
        "reads its quota over REST".to_owned()
    }

    fn begin(&self, _: &Device, _: &Book) -> Result<Begun, String> {
        Ok(Operation::ReadQuota.into())
    }
}

fn strategy(stage: &Stage) -> BoxedStrategy<Scene> {
    stage.device().prop_map(|device| Scene::one(0, ReadQuota { device })).boxed()
}
