//! `change_role`: a device changes a user's role (IT-7, IT-14, WS-5).

use proptest::prelude::*;
use proptest::strategy::{BoxedStrategy, Union};
use serde::{Deserialize, Serialize};
use system::client::Operation;
use system::protocol::Role;

use super::{Begun, Book, Deed, Kind, names};
use crate::history::draw::{Scene, Stage};
use crate::world::Device;

pub(super) const KIND: Kind =
    Kind { name: "change_role", summary: "a device changes a user's role", weight: 3, strategy: Some(strategy) };

/// Another role for a user.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChangeRole {
    /// `user/device`.
    pub device: String,
    /// The user's name.
    pub user: String,
    /// The new role.
    pub role: Role,
}

impl Deed for ChangeRole {
    names!(device uses Device, user uses User);

    fn what(&self) -> String {
        let role = match self.role {
            Role::Guest => "a guest",
            Role::Member => "a member",
            Role::Admin => "an admin",
            Role::Owner => "an owner",
        };
        format!("makes {} {role}", self.user)
    }

    fn begin(&self, _: &Device, book: &Book) -> Result<Begun, String> {
        Ok(Operation::ChangeRole { user: book.user(&self.user)?, role: self.role }.into())
    }
}

fn strategy(stage: &Stage) -> BoxedStrategy<Scene> {
    (stage.chief(None), stage.user().prop_flat_map(|user| (another_role(user.role), Just(user))))
        .prop_map(|(device, (role, user))| Scene::one(0, ChangeRole { device, user: user.name, role }))
        .boxed()
}

/// Seldom the highest: of many owners nobody is denied anything.
fn another_role(role: Role) -> BoxedStrategy<Role> {
    let weights = [(3, Role::Guest), (4, Role::Member), (2, Role::Admin), (1, Role::Owner)];
    let others = weights.into_iter().filter(|(_, other)| *other != role);
    Union::new_weighted(others.map(|(weight, other)| (weight, Just(other).boxed())).collect()).boxed()
}
