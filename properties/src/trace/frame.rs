//! Frames of the WebSocket in a trace: written as the text that crossed the wire, read back from it.

use std::borrow::Cow;
use std::ops::Deref;
use std::sync::Arc;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use system::protocol::ServerFrame;

/// A frame that a device received: its text, to the byte, and what that says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Received {
    text: Arc<str>,
    frame: Arc<ServerFrame>,
}

impl Received {
    /// What `text` says.
    ///
    /// # Errors
    /// It is no frame of the server's.
    pub fn read(text: Arc<str>) -> Result<Self, serde_json::Error> {
        let frame = Arc::new(ServerFrame::parse(&text)?);
        Ok(Self { text, frame })
    }

    /// A text that whoever received it has already read.
    pub fn already_read(text: Arc<str>, frame: Arc<ServerFrame>) -> Self {
        Self { text, frame }
    }

    /// The text, to the byte.
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl Deref for Received {
    type Target = ServerFrame;

    fn deref(&self) -> &ServerFrame {
        &self.frame
    }
}

impl From<ServerFrame> for Received {
    /// A frame in the text that the server would write.
    fn from(frame: ServerFrame) -> Self {
        Self { text: frame.to_text().into(), frame: Arc::new(frame) }
    }
}

impl Serialize for Received {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for Received {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::read(Arc::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for Received {
    fn schema_name() -> Cow<'static, str> {
        "Received".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        String::json_schema(generator)
    }
}

/// A frame that a device sent, as its text.
pub(super) mod sent {
    use super::{Arc, Deserialize, Deserializer, Serializer};
    use system::protocol::ClientFrame;

    pub(in crate::trace) fn serialize<S: Serializer>(
        frame: &Arc<ClientFrame>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&frame.to_text())
    }

    pub(in crate::trace) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Arc<ClientFrame>, D::Error> {
        let text = String::deserialize(deserializer)?;
        ClientFrame::parse(&text).map(Arc::new).map_err(serde::de::Error::custom)
    }
}
