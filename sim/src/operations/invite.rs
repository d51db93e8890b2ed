//! `invite`: a device invites somebody into the company; at times the invitation is taken back (WS-5).

use proptest::prelude::*;
use proptest::strategy::BoxedStrategy;
use serde::{Deserialize, Serialize};
use system::client::{Answer, Operation};
use system::protocol::{CreatedInvitation, Role};

use super::{Begun, Book, Deed, Kind, RevokeInvitation, names};
use crate::history::draw::{Choice, Scene, Stage};
use crate::world::Device;

pub(super) const KIND: Kind =
    Kind { name: "invite", summary: "a device invites somebody into the company", weight: 2, strategy: Some(strategy) };

/// An invitation.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Invite {
    /// `user/device`.
    pub device: String,
    /// Whom, by a name that is unique in the history: nobody who is there from the beginning.
    pub guest: String,
    /// The role that they will have.
    pub role: Role,
}

impl Deed for Invite {
    names!(device uses Device, guest makes Invitation);

    fn what(&self) -> String {
        format!("invites {} as {}", self.guest, self.role.as_str())
    }

    fn begin(&self, _: &Device, _: &Book) -> Result<Begun, String> {
        Ok(Operation::Invite { email: format!("{}@acme.test", self.guest), role: self.role }.into())
    }

    fn learn(&self, answer: &Answer, book: &Book) {
        if let Ok(created) = serde_json::from_str::<CreatedInvitation>(&answer.body) {
            book.add_invitation(&self.guest, created.invitation.id);
        }
    }
}

fn strategy(stage: &Stage) -> BoxedStrategy<Scene> {
    let role = prop_oneof![3 => Just(Role::Member), 2 => Just(Role::Guest), 1 => Just(Role::Admin)];
    let revoked = prop::option::weighted(0.4, (stage.chief(None), 600_u64..=3_000));
    (stage.chief(None), role, revoked)
        .prop_map(|(device, role, revoked)| {
            let invite = Scene::one(0, Invite { device, guest: String::new(), role });
            match revoked {
                Some((device, after_ms)) => {
                    invite.and(after_ms, Scene::one(0, RevokeInvitation { device, guest: Choice::Any(0).name() }))
                }
                None => invite,
            }
        })
        .boxed()
}
