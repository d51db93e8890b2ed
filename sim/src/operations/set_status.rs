//! `set_status`: a device chooses how reachable its user looks (IT-6).

use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::BoxedStrategy;
use serde::{Deserialize, Serialize};
use system::client::Operation;
use system::protocol::Status;

use super::{Action, Begun, Book, Deed, Kind, Way, names};
use crate::history::draw::{Scene, Stage};
use crate::world::Device;

pub(super) const KIND: Kind = Kind {
    name: "set_status",
    summary: "a device chooses how reachable its user looks",
    weight: 6,
    strategy: Some(strategy),
};

/// A status.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetStatus {
    /// `user/device`.
    pub device: String,
    /// How reachable.
    pub status: Status,
    /// What is said about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Which way.
    pub over: Way,
}

impl Deed for SetStatus {
    names!(device uses Device);

    fn what(&self) -> String {
        let text = self
            .text
            .as_ref()
            .map_or(String::new(), |text| format!(", {text:?}{}", if self.over == Way::Rest { "," } else { "" }));
        format!("chooses to be {}{text}{}", self.status.as_str(), self.over.words())
    }

    fn begin(&self, _: &Device, _: &Book) -> Result<Begun, String> {
        let (status, text) = (self.status, self.text.clone());
        Ok(match self.over {
            Way::Websocket => Operation::SendStatus { status, text },
            Way::Rest => Operation::SetStatus { status, text },
        }
        .into())
    }

    fn simpler(&self) -> Vec<Action> {
        if self.text.is_none() { Vec::new() } else { vec![Self { text: None, ..self.clone() }.into()] }
    }
}

/// One choice; or two of one user at nearly the same time, of which every client must end with the same one.
fn strategy(stage: &Stage) -> BoxedStrategy<Scene> {
    let inner = stage.clone();
    stage
        .user()
        .prop_flat_map(move |user| {
            let choice = (inner.device_of(&user), status(), text(), Way::strategy())
                .prop_map(|(device, status, text, over)| SetStatus { device, status, text, over });
            let rival = prop::option::weighted(0.2, (0_u64..=30, choice.clone()));
            (choice, rival).prop_map(|(choice, rival)| {
                let scene = Scene::one(0, choice);
                match rival {
                    Some((after_ms, rival)) => scene.and(after_ms, Scene::one(0, rival)),
                    None => scene,
                }
            })
        })
        .boxed()
}

fn status() -> BoxedStrategy<Status> {
    prop_oneof![
        3 => Just(Status::Online),
        3 => Just(Status::Away),
        3 => Just(Status::Busy),
        2 => Just(Status::Offline)
    ]
    .boxed()
}

fn text() -> BoxedStrategy<Option<String>> {
    prop::option::weighted(0.4, select(vec!["at lunch", "in a call", "back soon"]).prop_map(str::to_owned)).boxed()
}
