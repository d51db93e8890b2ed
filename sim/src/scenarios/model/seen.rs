//! What a scenario saw on the wire (SC-3).

use schemars::JsonSchema;
use serde::Serialize;

/// One answer.
#[derive(Clone, PartialEq, Debug, Serialize, JsonSchema)]
pub struct SeenResponse {
    /// Who asked: `ben/rest`.
    pub device: String,
    /// The method.
    pub method: String,
    /// The path, with its query.
    pub path: String,
    /// The status of the answer; absent if none came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The error code, if it was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// When it was asked, in milliseconds since the scenario began.
    pub at_ms: u64,
    /// How long it took.
    pub took_ms: f64,
}

/// One push, or the answer to a command.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct SeenEvent {
    /// Who heard it: `ben/socket-1`.
    pub device: String,
    /// The type of the frame.
    pub kind: String,
    /// The stream and the position, of an event.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<String>,
    /// When, in milliseconds since the scenario began.
    pub at_ms: u64,
}
