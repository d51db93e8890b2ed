//! `change_password`: a device changes its user's password, which ends all other sessions (CG-5, SC-2). The new one is the
//! old one: all the user's devices can log in again.

use proptest::prelude::*;
use proptest::strategy::BoxedStrategy;
use serde::{Deserialize, Serialize};
use system::client::Operation;

use super::{Begun, Book, Deed, Kind, names};
use crate::history::draw::{Scene, Stage};
use crate::world::{Device, PASSWORD};

pub(super) const KIND: Kind = Kind {
    name: "change_password",
    summary: "a device changes its user's password, which ends all other sessions",
    weight: 1,
    strategy: Some(strategy),
};

/// A password that is set anew.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChangePassword {
    /// `user/device`.
    pub device: String,
}

impl Deed for ChangePassword {
    names!(device uses Device);

    fn what(&self) -> String {
        "changes its user's password".to_owned()
    }

    fn begin(&self, _: &Device, _: &Book) -> Result<Begun, String> {
        Ok(Operation::ChangePassword { current: PASSWORD.to_owned(), new: PASSWORD.to_owned() }.into())
    }
}

fn strategy(stage: &Stage) -> BoxedStrategy<Scene> {
    stage.device().prop_map(|device| Scene::one(0, ChangePassword { device })).boxed()
}
