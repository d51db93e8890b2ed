//! `unsubscribe`: a device follows a stream no longer, until it subscribes again (WS-7, PROTOCOL 4 and 5).

use proptest::prelude::*;
use proptest::strategy::BoxedStrategy;
use serde::{Deserialize, Serialize};
use system::client::Operation;

use super::topic::names_of_topic;
use super::{Begun, Book, Deed, Kind, Subscribe, Topic};
use crate::history::draw::{Scene, Stage};
use crate::world::Device;

pub(super) const KIND: Kind = Kind {
    name: "unsubscribe",
    summary: "a device follows a stream no longer, until it subscribes again",
    weight: 4,
    strategy: Some(strategy),
};

/// A stream less.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unsubscribe {
    /// `user/device`.
    pub device: String,
    /// Which.
    pub stream: Topic,
}

impl Deed for Unsubscribe {
    names_of_topic!();

    fn what(&self) -> String {
        format!("unsubscribes from {}", self.stream.words())
    }

    fn begin(&self, _: &Device, book: &Book) -> Result<Begun, String> {
        Ok(Operation::Unsubscribe { stream: self.stream.stream(book)? }.into())
    }
}

/// Not to follow, and to follow again after a while, mostly.
fn strategy(stage: &Stage) -> BoxedStrategy<Scene> {
    let away_ms = prop_oneof![1 => 1_u64..=200, 4 => 200_u64..=9_000];
    (Topic::strategy(stage), prop::option::weighted(0.85, away_ms))
        .prop_map(|((device, stream), away_ms)| {
            let scene = Scene::one(0, Unsubscribe { device: device.clone(), stream: stream.clone() });
            match away_ms {
                Some(away_ms) => scene.and(away_ms, Scene::one(0, Subscribe { device, stream })),
                None => scene,
            }
        })
        .boxed()
}
