//! `refresh_token`: a device takes a new access token, and puts it under its connection (CG-5, WS-6).

use proptest::prelude::*;
use proptest::strategy::BoxedStrategy;
use serde::{Deserialize, Serialize};
use system::client::Operation;

use super::{Begun, Book, Deed, Kind, names};
use crate::history::draw::{Scene, Stage};
use crate::world::Device;

pub(super) const KIND: Kind = Kind {
    name: "refresh_token",
    summary: "a device refreshes its access token now, rather than when it must",
    weight: 4,
    strategy: Some(strategy),
};

/// A new access token.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RefreshToken {
    /// `user/device`.
    pub device: String,
}

impl Deed for RefreshToken {
    names!(device uses Device);

    fn what(&self) -> String {
        "refreshes its token".to_owned()
    }

    fn begin(&self, _: &Device, _: &Book) -> Result<Begun, String> {
        Ok(Operation::RefreshToken.into())
    }
}

fn strategy(stage: &Stage) -> BoxedStrategy<Scene> {
    stage.device().prop_map(|device| Scene::one(0, RefreshToken { device })).boxed()
}
