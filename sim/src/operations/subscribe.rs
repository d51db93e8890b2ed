//! `subscribe`: a device follows a stream again, from where it left it (CG-2, PROTOCOL 4 and 5). Drawn with the
//! [`Unsubscribe`](super::Unsubscribe) that it ends.

use serde::{Deserialize, Serialize};
use system::client::Operation;

use super::topic::names_of_topic;
use super::{Begun, Book, Deed, Kind, Topic};
use crate::world::Device;

pub(super) const KIND: Kind =
    Kind { name: "subscribe", summary: "a device follows a stream again that it left", weight: 0, strategy: None };

/// A stream again.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subscribe {
    /// `user/device`.
    pub device: String,
    /// Which.
    pub stream: Topic,
}

impl Deed for Subscribe {
    names_of_topic!();

    fn what(&self) -> String {
        format!("subscribes to {} again", self.stream.words())
    }

    fn begin(&self, _: &Device, book: &Book) -> Result<Begun, String> {
        Ok(Operation::Subscribe { stream: self.stream.stream(book)? }.into())
    }
}
