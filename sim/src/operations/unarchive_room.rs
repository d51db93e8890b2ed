//! `unarchive_room`: a device takes a room out of the archive (IT-13). Drawn with the archiving that it ends.

use serde::{Deserialize, Serialize};
use system::client::Operation;

use super::{Begun, Book, Deed, Kind, names};
use crate::world::Device;

pub(super) const KIND: Kind =
    Kind { name: "unarchive_room", summary: "a device takes a room out of the archive", weight: 0, strategy: None };

/// Writing in a room again.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnarchiveRoom {
    /// `user/device`.
    pub device: String,
    /// The room's name.
    pub room: String,
}

impl Deed for UnarchiveRoom {
    names!(device uses Device, room uses Room);

    fn what(&self) -> String {
        format!("takes {} out of the archive", self.room)
    }

    fn begin(&self, _: &Device, book: &Book) -> Result<Begun, String> {
        Ok(Operation::UnarchiveRoom { room: book.room(&self.room)? }.into())
    }
}
