//! `invite`: a device invites somebody into the company, who comes and takes part, or whose invitation is taken back (WS-5).

use proptest::prelude::*;
use proptest::strategy::BoxedStrategy;
use serde::{Deserialize, Serialize};
use system::client::{Answer, Operation};
use system::protocol::{CreatedInvitation, Role};

use super::{Accept, AddMember, Begun, Book, Deed, Kind, RevokeInvitation, names};
use crate::history::draw::{NEW_GUEST, Scene, Stage, speak};
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
            book.add_invitation(&self.guest, created.invitation.id, created.token);
        }
    }
}

/// Mostly the invitation is accepted, and the new user takes part; at times it is taken back, before or just then.
fn strategy(stage: &Stage) -> BoxedStrategy<Scene> {
    let role = prop_oneof![4 => Just(Role::Member), 1 => Just(Role::Guest), 1 => Just(Role::Admin)];
    let revoked = prop::option::weighted(0.35, (stage.chief(None), 600_u64..=1_800));
    let accepted = prop::option::weighted(0.8, (1_000_u64..=1_800, prop::bool::weighted(0.15)));
    (stage.chief(None), role, revoked, accepted, partaking(stage))
        .prop_map(|(device, role, revoked, accepted, partaking)| {
            let guest = || NEW_GUEST.to_owned();
            let mut scene = Scene::one(0, Invite { device, guest: guest(), role });
            if let Some((device, after_ms)) = revoked {
                scene = scene.and(after_ms, Scene::one(0, RevokeInvitation { device, guest: guest() }));
            }
            if let Some((after_ms, twice)) = accepted {
                let accept = |program| Scene::one(after_ms, Accept { device: format!("{NEW_GUEST}/{program}") });
                scene = scene.and(0, accept("phone")).and(after_ms, partaking);
                // Two tabs, one click each: one of them becomes the user.
                scene = if twice { scene.and(0, accept("laptop")) } else { scene };
            }
            scene
        })
        .boxed()
}

/// What the new user does, some time after they have come, and who lets them in.
fn partaking(stage: &Stage) -> BoxedStrategy<Scene> {
    stage.in_some_room(|stage, room| {
        let device = || format!("{NEW_GUEST}/phone");
        let (name, plan) = (room.name.clone(), room.clone());
        let added = prop::option::weighted(0.8, stage.manager(room)).prop_map(move |manager| {
            // Nobody adds them: they try to join by themselves.
            let device = manager.unwrap_or_else(device);
            Scene::one(900, AddMember { device, room: name.clone(), user: NEW_GUEST.to_owned() })
        });
        let say = (1_500_u64..=4_000, any::<bool>())
            .prop_map(move |(after_ms, rest)| Scene::one(after_ms, speak(device(), &plan, rest)));
        let says = prop::collection::vec(say, 1..=3).prop_map(Scene::from_iter);
        (added, says).prop_map(|(added, says)| added.and(0, says)).boxed()
    })
}
