//! `revoke_invitation`: a device takes an invitation back. Drawn with the invitations that it ends.

use serde::{Deserialize, Serialize};
use system::client::Operation;

use super::{Begun, Book, Deed, Kind, names};
use crate::world::Device;

pub(super) const KIND: Kind =
    Kind { name: "revoke_invitation", summary: "a device takes an invitation back", weight: 0, strategy: None };

/// An invitation less.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RevokeInvitation {
    /// `user/device`.
    pub device: String,
    /// Whom it was for.
    pub guest: String,
}

impl Deed for RevokeInvitation {
    names!(device uses Device, guest uses Invitation);

    fn what(&self) -> String {
        format!("takes back the invitation of {}", self.guest)
    }

    fn begin(&self, _: &Device, book: &Book) -> Result<Begun, String> {
        let (invitation, _) = book.invitation(&self.guest)?;
        Ok(Operation::RevokeInvitation { invitation }.into())
    }
}
