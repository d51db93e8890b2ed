//! What the live conversation feed adds to rooms and messages (REQUIREMENTS.md RF-2): where they come from.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Timestamp, bound};

/// The conversation file that a room is fed from. Absent from rooms that people made.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Conversation {
    /// The conversation's own identifier, unique in its company: 1 to 128 characters. Absent where the file has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<bound::Identifier>")]
    pub id: Option<String>,
    /// The title, 1 to 100 characters. The room's name, unless somebody has renamed the room.
    #[schemars(with = "bound::Name")]
    pub title: String,
    /// Whatever else the file says of the conversation, as it says it: at most 4 KiB of JSON.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub metadata: BTreeMap<String, Value>,
}

/// The line that a message is fed from. Absent from messages that people wrote.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct FeedSource {
    /// The conversation's own identifier. Absent where the file has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<bound::Identifier>")]
    pub conversation: Option<String>,
    /// The conversation's title when the line was read.
    #[schemars(with = "bound::Name")]
    pub title: String,
    /// The line's own identifier, unique in its conversation: 1 to 128 characters.
    #[schemars(with = "bound::Identifier")]
    pub line: String,
    /// Who wrote it, by the name that the file has: 1 to 100 characters. The message's `author` is the company's feed.
    #[schemars(with = "bound::Name")]
    pub author: String,
    /// When it was written, as the file has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
}
