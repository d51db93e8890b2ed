//! What operations have in common by which a device looks at something over REST that is about no room.

/// Writes a looking operation: its data, words, strategy and doing.
macro_rules! looking {
    ($(#[$doc:meta])* $name:ident, $tag:literal, $summary:literal, $weight:literal, $words:literal, $operation:ident) => {
        use proptest::prelude::*;
        use proptest::strategy::BoxedStrategy;
        use serde::{Deserialize, Serialize};
        use system::client::Operation;

        use super::{Begun, Book, Deed, Kind, names};
        use crate::history::draw::{Scene, Stage};
        use crate::world::Device;

        pub(super) const KIND: Kind = Kind { name: $tag, summary: $summary, weight: $weight, strategy: Some(strategy) };

        $(#[$doc])*
        #[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct $name {
            /// `user/device`.
            pub device: String,
        }

        impl Deed for $name {
            names!(device uses Device);

            fn what(&self) -> String {
                $words.to_owned()
            }

            fn begin(&self, _: &Device, _: &Book) -> Result<Begun, String> {
                Ok(Operation::$operation.into())
            }
        }

        fn strategy(stage: &Stage) -> BoxedStrategy<Scene> {
            stage.device().prop_map(|device| Scene::one(0, $name { device })).boxed()
        }
    };
}

pub(super) use looking;
