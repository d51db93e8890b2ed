//! The frames of the WebSocket, read off [`Command`], [`ServerFrame`] and [`EventBody`].

use serde_json::{Map, Value, json};

use super::types::{Types, plain};
use crate::protocol::bound::FRAME_ID_CHARACTERS;
use crate::protocol::{Command, Event, EventBody, ServerFrame};

/// One kind of frame.
pub(super) struct Frame {
    /// Its name in the document: the `type`, and for the second of two with one `type` the variant's own.
    pub(super) name: String,
    /// Its `type` on the wire.
    pub(super) kind: String,
    pub(super) description: String,
    /// What the whole frame must be.
    pub(super) payload: Value,
    /// It carries an `id` when it answers a command that had one.
    pub(super) replies: bool,
}

/// What clients send.
pub(super) fn commands(types: &mut Types) -> Vec<Frame> {
    let schema = types.inbound_in_place::<Command>();
    let frames = schema["oneOf"].as_array().into_iter().flatten().map(|variant| {
        let (kind, description, data) = tagged(variant);
        let mut properties = json!({"type": {"const": kind}, "id": {
            "type": ["string", "null"],
            "maxLength": FRAME_ID_CHARACTERS,
            "description": "Comes back on the reply.",
        }});
        let mut required = vec!["type"];
        match data {
            None => properties["data"] = json!({"type": ["object", "null"], "additionalProperties": false}),
            Some(data) if may_be_empty(types, &data) => {
                properties["data"] = json!({"anyOf": [data, {"type": "null"}]});
            }
            Some(data) => {
                properties["data"] = data;
                required.push("data");
            }
        }
        let payload = json!({
            "type": "object",
            "properties": properties,
            "required": required,
            "additionalProperties": false,
        });
        Frame { name: kind.to_owned(), kind: kind.to_owned(), description, payload, replies: false }
    });
    frames.collect()
}

/// What the server says, events apart.
pub(super) fn answers_and_pushes(types: &mut Types) -> Vec<Frame> {
    let schema = types.outbound_in_place::<ServerFrame>();
    let mut frames: Vec<Frame> = Vec::new();
    for variant in schema["oneOf"].as_array().into_iter().flatten() {
        let description = plain(variant["description"].as_str().unwrap_or_default());
        let (kind, parts) = match (variant["const"].as_str(), variant["properties"].as_object()) {
            (Some(kind), _) => (kind, None),
            (None, Some(properties)) => match properties.iter().next() {
                Some((kind, parts)) => (kind.as_str(), Some(parts)),
                None => continue,
            },
            (None, None) => continue,
        };
        if kind == "event" {
            continue;
        }
        // A variant of two fields holds the `id` of its command and the data; one of one holds the data.
        let (replies, data) = match parts.map(|parts| (parts, parts["prefixItems"].as_array())) {
            None => (false, None),
            Some((_, Some(items))) => (true, items.get(1)),
            Some((data, None)) => (false, Some(data)),
        };
        let mut properties = json!({"type": {"const": kind}});
        let mut required = vec!["type"];
        if replies {
            properties["id"] = json!({"type": "string", "description": "The `id` of the command; absent in a push."});
        }
        if let Some(data) = data {
            properties["data"] = data.clone();
            required.push("data");
        }
        let payload = json!({"type": "object", "properties": properties, "required": required});
        let name = if frames.iter().any(|frame| frame.kind == kind) {
            let data = data.and_then(|data| data["$ref"].as_str()).and_then(|name| name.rsplit('/').next());
            format!("{kind}.{}", data.unwrap_or_default())
        } else {
            kind.to_owned()
        };
        frames.push(Frame { name, kind: kind.to_owned(), description, payload, replies });
    }
    frames
}

/// The committed facts: one for each event.
pub(super) fn events(types: &mut Types) -> Vec<Frame> {
    let whole = types.outbound_in_place::<Event>();
    let none = Map::new();
    let envelope = whole["properties"].as_object().unwrap_or(&none);
    let fields = whole["required"].as_array().cloned().unwrap_or_default();
    let bodies = types.outbound_in_place::<EventBody>();
    let frames = bodies["oneOf"].as_array().into_iter().flatten().map(|variant| {
        let (kind, description, data) = tagged(variant);
        let mut properties = envelope.clone();
        properties.insert("type".to_owned(), json!({"const": kind}));
        properties.insert("data".to_owned(), data.unwrap_or(Value::Bool(true)));
        let required: Vec<Value> = [json!("type"), json!("data")].into_iter().chain(fields.clone()).collect();
        let payload = json!({"type": "object", "properties": properties, "required": required});
        Frame { name: kind.to_owned(), kind: kind.to_owned(), description, payload, replies: false }
    });
    frames.collect()
}

/// The `type`, the text and the `data` of one variant of an enum that is tagged on the wire.
fn tagged(variant: &Value) -> (&str, String, Option<Value>) {
    let kind = variant["properties"]["type"]["const"].as_str().expect("the enum is tagged by `type`");
    let description = plain(variant["description"].as_str().unwrap_or_default());
    (kind, description, variant["properties"].get("data").cloned())
}

/// Whether an absent `data` will do: it is read as `{}`.
fn may_be_empty(types: &Types, data: &Value) -> bool {
    types
        .inbound_definition(data)
        .is_some_and(|schema| schema["type"] == "object" && schema["required"].as_array().is_none_or(Vec::is_empty))
}
