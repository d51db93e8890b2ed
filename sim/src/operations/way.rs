//! Which way something is asked that can be asked both ways.

use proptest::prelude::*;
use proptest::strategy::BoxedStrategy;
use serde::{Deserialize, Serialize};

/// The WebSocket or REST.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// A command on the WebSocket.
    Websocket,
    /// A REST request.
    Rest,
}

impl Way {
    /// Either, the WebSocket more often.
    pub(super) fn strategy() -> BoxedStrategy<Self> {
        prop_oneof![3 => Just(Self::Websocket), 2 => Just(Self::Rest)].boxed()
    }

    /// What a sentence ends with.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Websocket => "",
            Self::Rest => " over REST",
        }
    }
}
