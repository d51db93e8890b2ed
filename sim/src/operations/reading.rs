//! What reading operations have in common: a device looks at something of a room over REST. What it may not see must be
//! refused, and what it is shown must be true (PROTOCOL 6, IT-3).

/// Writes a reading operation about a room: its data, words, strategy and doing.
macro_rules! reading {
    ($(#[$doc:meta])* $name:ident, $tag:literal, $summary:literal, $weight:literal, $words:literal, $operation:ident) => {
        use proptest::prelude::*;
        use proptest::strategy::BoxedStrategy;
        use serde::{Deserialize, Serialize};
        use system::client::Operation;

        use super::{Begun, Book, Deed, Kind, names};
        use crate::history::draw::{Scene, Stage, in_some_room};
        use crate::world::Device;

        pub(super) const KIND: Kind = Kind { name: $tag, summary: $summary, weight: $weight, strategy: Some(strategy) };

        $(#[$doc])*
        #[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct $name {
            /// `user/device`.
            pub device: String,
            /// The room's name.
            pub room: String,
        }

        impl Deed for $name {
            names!(device uses Device, room uses Room);

            fn what(&self) -> String {
                format!($words, self.room)
            }

            fn begin(&self, _: &Device, book: &Book) -> Result<Begun, String> {
                Ok(Operation::$operation { room: book.room(&self.room)? }.into())
            }
        }

        fn strategy(stage: &Stage) -> BoxedStrategy<Scene> {
            in_some_room(stage, |stage, room| {
                let room = room.name.clone();
                stage.device().prop_map(move |device| $name { device, room: room.clone() }.into()).boxed()
            })
        }
    };
}

pub(super) use reading;
