//! `accept`: who was invited becomes a user, with a device of their own that takes part from then on (WS-5, CG-3).
//!
//! Drawn with the [`Invite`](super::Invite) that it answers. The cast does it, for there is no device yet that could.

use serde::{Deserialize, Serialize};

use super::{Begun, Book, Deed, Kind, Name, Noun};
use crate::world::Device;

pub(super) const KIND: Kind = Kind {
    name: "accept",
    summary: "who was invited becomes a user, with a device of their own",
    weight: 0,
    strategy: None,
};

/// A user more, and their device.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Accept {
    /// `guest/device`: the device is new, and the guest is whom the invitation is for.
    pub device: String,
}

impl Accept {
    /// Whom the invitation is for.
    pub(crate) fn guest(&self) -> &str {
        self.device.split_once('/').map_or(&self.device, |(guest, _)| guest)
    }
}

impl Deed for Accept {
    fn names(&self) -> Vec<Name<'_>> {
        let guest = self.guest();
        vec![
            Name { noun: Noun::Device, makes: true, text: &self.device },
            Name { noun: Noun::User, makes: true, text: guest },
            Name { noun: Noun::Invitation, makes: false, text: guest },
        ]
    }

    fn names_mut(&mut self) -> Vec<(Noun, bool, &mut String)> {
        vec![(Noun::Device, true, &mut self.device)]
    }

    fn what(&self) -> String {
        "accepts the invitation and begins".to_owned()
    }

    fn begin(&self, _: &Device, _: &Book) -> Result<Begun, String> {
        Err(format!("{} is there already", self.device))
    }
}
