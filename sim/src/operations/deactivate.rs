//! `deactivate`: a device deactivates a user (WS-5, IT-7). Rare: it is drawn in scenes of its own, not for itself.

use serde::{Deserialize, Serialize};
use system::client::Operation;

use super::{Begun, Book, Deed, Kind, names};
use crate::world::Device;

pub(super) const KIND: Kind =
    Kind { name: "deactivate", summary: "a device deactivates a user", weight: 0, strategy: None };

/// The end of a user's activity.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deactivate {
    /// `user/device`.
    pub device: String,
    /// The user's name.
    pub user: String,
}

impl Deed for Deactivate {
    names!(device uses Device, user uses User);

    fn what(&self) -> String {
        format!("deactivates {}", self.user)
    }

    fn begin(&self, _: &Device, book: &Book) -> Result<Begun, String> {
        Ok(Operation::Deactivate { user: book.user(&self.user)? }.into())
    }
}
