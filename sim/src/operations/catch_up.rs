//! `catch_up`: a device reads the events of a stream after a position over REST (CG-2, PROTOCOL 3).

use proptest::prelude::*;
use proptest::strategy::BoxedStrategy;
use serde::{Deserialize, Serialize};
use system::client::Operation;
use system::protocol::Position;

use super::topic::names_of_topic;
use super::{Action, Begun, Book, Deed, Kind, Topic};
use crate::history::draw::{Scene, Stage};
use crate::world::Device;

pub(super) const KIND: Kind = Kind {
    name: "catch_up",
    summary: "a device reads the events of a stream after a position over REST",
    weight: 4,
    strategy: Some(strategy),
};

/// A look at what was missed.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CatchUp {
    /// `user/device`.
    pub device: String,
    /// Which stream.
    pub stream: Topic,
    /// How many events before its own position it begins.
    pub behind: u64,
    /// How many events it asks for at most.
    pub limit: usize,
}

impl Deed for CatchUp {
    names_of_topic!();

    fn what(&self) -> String {
        let from = match self.behind {
            0 => "after the last one that it has".to_owned(),
            behind => format!("from {behind} before the last one that it has"),
        };
        format!("reads up to {} events of {} {from}, over REST", self.limit, self.stream.words())
    }

    fn begin(&self, device: &Device, book: &Book) -> Result<Begun, String> {
        let stream = self.stream.stream(book)?;
        // Who has no copy may still ask from the beginning: the server is to decide.
        let of_other = || device.standing().positions.values().next().map(|known| Position { seq: 0, ..*known });
        let known = device.position(stream).or_else(of_other).ok_or("it has no copy of any stream yet")?;
        let after = Position { seq: known.seq.saturating_sub(self.behind), ..known };
        Ok(Operation::ReadEvents { stream, after, limit: self.limit }.into())
    }

    fn simpler(&self) -> Vec<Action> {
        if self.behind == 0 { Vec::new() } else { vec![Self { behind: 0, ..self.clone() }.into()] }
    }
}

fn strategy(stage: &Stage) -> BoxedStrategy<Scene> {
    let behind = prop_oneof![1 => Just(0_u64), 3 => 1_u64..=20];
    let limit = prop_oneof![1 => 1_usize..=3, 2 => 4_usize..=50];
    (Topic::strategy(stage), behind, limit)
        .prop_map(|((device, stream), behind, limit)| Scene::one(0, CatchUp { device, stream, behind, limit }))
        .boxed()
}
