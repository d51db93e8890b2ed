//! `activate`: a device puts a deactivated user back into service (IT-7, IT-14).

use proptest::prelude::*;
use proptest::strategy::BoxedStrategy;
use serde::{Deserialize, Serialize};
use system::client::Operation;

use super::{Begun, Book, Close, Deactivate, Deed, Kind, Open, names};
use crate::history::draw::{Scene, Stage};
use crate::world::Device;

pub(super) const KIND: Kind = Kind {
    name: "activate",
    summary: "a device puts a deactivated user back into service",
    weight: 1,
    strategy: Some(strategy),
};

/// A user's activity again.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Activate {
    /// `user/device`.
    pub device: String,
    /// The user's name.
    pub user: String,
}

impl Deed for Activate {
    names!(device uses Device, user uses User);

    fn what(&self) -> String {
        format!("activates {} again", self.user)
    }

    fn begin(&self, _: &Device, book: &Book) -> Result<Begun, String> {
        Ok(Operation::Activate { user: book.user(&self.user)? }.into())
    }
}

/// Somebody is away, is deactivated meanwhile and put back, and returns: a client that was told to stay away does, so
/// only who heard nothing of it comes back.
fn strategy(stage: &Stage) -> BoxedStrategy<Scene> {
    let stage = stage.clone();
    stage
        .user()
        .prop_flat_map(move |user| {
            let devices: Vec<String> = user.device_names().collect();
            (stage.chief(Some(&user)), stage.chief(Some(&user)), 400_u64..=1_500).prop_map(
                move |(one, other, for_ms)| {
                    let away = |device: &String| Scene::one(0, Close { device: device.clone() });
                    let back = |device: &String| Scene::one(0, Open { device: device.clone() });
                    let name = user.name.clone();
                    let returns: Scene = devices.iter().map(back).collect();
                    devices
                        .iter()
                        .map(away)
                        .collect::<Scene>()
                        .and(400, Scene::one(0, Deactivate { device: one, user: name.clone() }))
                        .and(400 + for_ms, Scene::one(0, Activate { device: other, user: name }))
                        .and(1_200 + for_ms, returns)
                },
            )
        })
        .boxed()
}
