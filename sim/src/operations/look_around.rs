//! `look_around`: a device reads the lists of the company over REST: rooms, users, sessions, invitations, and one's account
//! (PROTOCOL 6).

use proptest::prelude::*;
use proptest::strategy::BoxedStrategy;
use serde::{Deserialize, Serialize};
use system::client::Operation;

use super::{Begun, Book, Deed, Kind, names};
use crate::history::draw::{Scene, Stage};
use crate::world::Device;

pub(super) const KIND: Kind = Kind {
    name: "look_around",
    summary: "a device reads a list of the company over REST: rooms, users, sessions, invitations, or its account",
    weight: 3,
    strategy: Some(strategy),
};

/// A look at a list.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LookAround {
    /// `user/device`.
    pub device: String,
    /// At what.
    pub at: List,
}

/// What is listed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum List {
    /// The rooms that one may know of.
    Rooms,
    /// The company's users.
    Users,
    /// One's own sessions.
    Sessions,
    /// The company's invitations.
    Invitations,
    /// One's own account: what only oneself and admins see.
    Account,
}

impl Deed for LookAround {
    names!(device uses Device);

    fn what(&self) -> String {
        let list = match self.at {
            List::Rooms => "the rooms",
            List::Users => "the users",
            List::Sessions => "its sessions",
            List::Invitations => "the invitations",
            List::Account => "its account",
        };
        format!("reads {list} over REST")
    }

    fn begin(&self, _: &Device, book: &Book) -> Result<Begun, String> {
        Ok(match self.at {
            List::Rooms => Operation::ReadRooms,
            List::Users => Operation::ReadUsers,
            List::Sessions => Operation::ReadSessions,
            List::Invitations => Operation::ReadInvitations,
            List::Account => {
                let user = self.device.split_once('/').map_or("", |(user, _)| user);
                Operation::ReadAccount { user: book.user(user)? }
            }
        }
        .into())
    }
}

fn strategy(stage: &Stage) -> BoxedStrategy<Scene> {
    let list = prop_oneof![
        3 => Just(List::Rooms),
        2 => Just(List::Users),
        2 => Just(List::Sessions),
        2 => Just(List::Invitations),
        1 => Just(List::Account)
    ];
    (stage.device(), list).prop_map(|(device, at)| Scene::one(0, LookAround { device, at })).boxed()
}
