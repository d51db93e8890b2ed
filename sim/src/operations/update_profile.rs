//! `update_profile`: a device changes its user's name (IT-2, IT-3).

use proptest::prelude::*;
use proptest::strategy::BoxedStrategy;
use serde::{Deserialize, Serialize};
use system::client::Operation;

use super::{Begun, Book, Deed, Kind, names};
use crate::history::draw::{Scene, Stage};
use crate::world::Device;

pub(super) const KIND: Kind =
    Kind { name: "update_profile", summary: "a device changes its user's name", weight: 2, strategy: Some(strategy) };

/// Another name for oneself. Histories go on to call the user by the first.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UpdateProfile {
    /// `user/device`.
    pub device: String,
    /// The name, unique in the history.
    pub title: String,
}

impl Deed for UpdateProfile {
    names!(device uses Device, title makes Title);

    fn what(&self) -> String {
        format!("calls its user {:?}", self.title)
    }

    fn begin(&self, _: &Device, _: &Book) -> Result<Begun, String> {
        Ok(Operation::UpdateProfile { name: Some(self.title.clone()), email: None, version: None }.into())
    }
}

fn strategy(stage: &Stage) -> BoxedStrategy<Scene> {
    stage.device().prop_map(|device| Scene::one(0, UpdateProfile { device, title: String::new() })).boxed()
}
