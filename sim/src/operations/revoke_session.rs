//! `revoke_session`: a device ends the session of another device of its user's, or its own (CG-5, IT-7).

use proptest::prelude::*;
use proptest::strategy::BoxedStrategy;
use serde::{Deserialize, Serialize};
use system::client::Operation;

use super::{Action, Begun, Book, Deed, Kind, names};
use crate::faults::Fault;
use crate::history::draw::{Scene, Stage};
use crate::world::Device;

pub(super) const KIND: Kind = Kind {
    name: "revoke_session",
    summary: "a device ends the session of a device of its user's",
    weight: 2,
    strategy: Some(strategy),
};

/// The end of a session. Its device logs in anew.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RevokeSession {
    /// `user/device`.
    pub device: String,
    /// The device whose session ends: `user/device`.
    pub of: String,
}

impl Deed for RevokeSession {
    names!(device uses Device, of uses Device);

    fn what(&self) -> String {
        if self.device == self.of {
            "ends its own session".to_owned()
        } else {
            format!("ends the session of {}", self.of)
        }
    }

    /// What is left of it for others: its connection ends.
    fn simpler(&self) -> Vec<Action> {
        vec![Action::Fault(Fault::reset(self.of.clone()))]
    }

    fn begin(&self, _: &Device, book: &Book) -> Result<Begun, String> {
        Ok(Operation::RevokeSession { session: book.session(&self.of)? }.into())
    }
}

fn strategy(stage: &Stage) -> BoxedStrategy<Scene> {
    let stage = stage.clone();
    stage
        .user()
        .prop_flat_map(move |user| (stage.device_of(&user), stage.device_of(&user)))
        .prop_map(|(device, of)| Scene::one(0, RevokeSession { device, of }))
        .boxed()
}
