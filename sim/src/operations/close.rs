//! `close`: a device closes its connection and stays away, until it is opened (CG-4, IT-8).

use proptest::prelude::*;
use proptest::strategy::BoxedStrategy;
use serde::{Deserialize, Serialize};

use super::{Action, Begun, Book, Deed, Kind, Open, names};
use crate::faults::Fault;
use crate::history::draw::{Scene, Stage};
use crate::world::Device;

pub(super) const KIND: Kind = Kind {
    name: "close",
    summary: "a device closes its connection and stays away",
    weight: 5,
    strategy: Some(strategy),
};

/// The end of a connection, for now.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Close {
    /// `user/device`.
    pub device: String,
}

impl Deed for Close {
    names!(device uses Device);

    fn what(&self) -> String {
        "closes its connection".to_owned()
    }

    /// What is left of it for others: its connection ends.
    fn simpler(&self) -> Vec<Action> {
        vec![Action::Fault(Fault::reset(self.device.clone()))]
    }

    fn begin(&self, device: &Device, _: &Book) -> Result<Begun, String> {
        device.close();
        Ok(Begun::Done)
    }
}

/// Away, and back after a while.
fn strategy(stage: &Stage) -> BoxedStrategy<Scene> {
    let away_ms = prop_oneof![1 => 1_u64..=200, 3 => 200_u64..=9_000];
    (stage.device(), away_ms)
        .prop_map(|(device, away_ms)| {
            let open = Scene::one(away_ms, Open { device: device.clone() });
            Scene::one(0, Close { device }).and(0, open)
        })
        .boxed()
}
