//! Bodies of REST requests about messages, threads and read markers. Unknown fields are refused.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{MessageId, bound};

/// `POST /rooms/{id}/messages`, and `POST /rooms/{id}/threads/{thread}/messages` for a reply.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PostMessage {
    /// The text, 1 to 8,000 characters.
    #[schemars(with = "bound::MessageBody")]
    pub body: String,
}

/// `PATCH /rooms/{id}/messages/{message}`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EditMessage {
    /// The new text, 1 to 8,000 characters.
    #[schemars(with = "bound::MessageBody")]
    pub body: String,
}

/// `POST /rooms/{id}/threads`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OpenThread {
    /// The message to reply to. It must stand in the room itself: replies have no threads.
    pub message: MessageId,
}

/// `PUT /rooms/{id}/read`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MarkRead {
    /// Everything up to this position of the room's stream is read.
    pub seq: u64,
}
