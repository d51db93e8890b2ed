//! `open`: a device that stayed away comes back (CG-2, IT-8). Drawn with the [`Close`](super::Close) that it ends.

use serde::{Deserialize, Serialize};

use super::{Begun, Book, Deed, Kind, names};
use crate::world::Device;

pub(super) const KIND: Kind =
    Kind { name: "open", summary: "a device that stayed away comes back", weight: 0, strategy: None };

/// A connection again.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Open {
    /// `user/device`.
    pub device: String,
}

impl Deed for Open {
    names!(device uses Device);

    fn what(&self) -> String {
        "opens a connection again".to_owned()
    }

    fn begin(&self, device: &Device, _: &Book) -> Result<Begun, String> {
        device.open();
        Ok(Begun::Done)
    }
}
