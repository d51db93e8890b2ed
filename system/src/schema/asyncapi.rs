//! The AsyncAPI 3 document of the WebSocket side.

use serde_json::{Map, Value, json};

use super::frames::{self, Frame};
use super::refusals;
use super::types::Types;
use crate::protocol::{BEARER_SUBPROTOCOL_PREFIX, CHUNK_HEADER_BYTES, SUBPROTOCOL};

/// The document. It is the same whatever the server's configuration.
pub fn asyncapi() -> Value {
    let mut types = Types::new();
    let commands = frames::commands(&mut types);
    let said = frames::answers_and_pushes(&mut types);
    let events = frames::events(&mut types);
    let (errors, closes) = (refusals::error_table(&mut types), refusals::close_table(&mut types));
    let mut operations = Map::new();
    for command in &commands {
        operations.insert(command.name.clone(), receive(command));
    }
    operations.insert("chunk".to_owned(), receive_chunk());
    let pushes = said.iter().filter(|frame| frame.name != "welcome" && !frame.name.starts_with("ack"));
    operations.insert("push".to_owned(), send("What the server says of its own accord.", pushes));
    operations.insert("event".to_owned(), send(EVENTS, events.iter()));
    let mut messages = Map::new();
    for (said_by, frames) in [("client", &commands), ("server", &said), ("server", &events)] {
        messages.extend(frames.iter().map(|frame| (frame.name.clone(), message(frame, said_by))));
    }
    messages.insert("chunk".to_owned(), chunk());
    let in_channel = messages.keys().map(|name| (name.clone(), reference(&["components", "messages", name])));
    let mut document = json!({
        "asyncapi": "3.0.0",
        "info": {
            "title": "Stormglass",
            "version": env!("CARGO_PKG_VERSION"),
            "description": DESCRIPTION,
            "license": {"name": "Apache-2.0 OR MIT"},
        },
        "defaultContentType": "application/json",
        "servers": {"this": {
            "host": "localhost",
            "protocol": "ws",
            "description": "This server, wherever it is: replace the host by the one that this document came from.",
            "security": [reference(&["components", "securitySchemes", "bearer"])],
        }},
        "channels": {"websocket": {
            "address": "/ws",
            "description": format!(
                "One connection of one user. Offer the subprotocol `{SUBPROTOCOL}`; hand over the access token as \
                 `Authorization: Bearer`, or from a browser as a second subprotocol `{BEARER_SUBPROTOCOL_PREFIX}<token>`."
            ),
            "messages": in_channel.collect::<Map<_, _>>(),
            "bindings": {"ws": {"method": "GET", "bindingVersion": "0.1.0"}},
        }},
        "operations": operations,
        "components": {
            "messages": messages,
            "securitySchemes": {"bearer": {
                "type": "http",
                "scheme": "bearer",
                "bearerFormat": "JWT",
                "description": "The access token of register, login or refresh.",
            }},
        },
        "x-subprotocol": SUBPROTOCOL,
        "x-error-codes": errors,
        "x-close-codes": closes,
    });
    types.finish(&mut document);
    document
}

const DESCRIPTION: &str = "\
Every frame is a JSON object in a text frame, but `chunk`, which is a binary frame. A client's `id` comes back on the reply to its command; a frame without `id` \
is a push. `hello` comes first.\n\n\
A refused command is answered by `error` and changes nothing; the connection stays open unless the WebSocket protocol \
itself was violated. `x-error-codes` lists every code, `x-close-codes` why the server closes and whether to come back. \
Unknown fields in commands are refused; clients must expect fields that they do not know.\n\n\
Events of one stream come gapless and in the order of `seq`. The objects are those of the REST side: see `/openapi.json`.";

const EVENTS: &str = "Committed events of followed streams, each stream gapless and in order.";

/// What answers a command when it is not refused; most are acknowledged.
fn reply_to(command: &str) -> Option<&'static str> {
    match command {
        "hello" => Some("welcome"),
        "subscribe" => Some("subscribed"),
        "unsubscribe" => Some("unsubscribed"),
        "auth.refresh" => Some("ack.TokenRefreshed"),
        "pong" => None,
        _ => Some("ack"),
    }
}

fn receive(command: &Frame) -> Value {
    let replies = reply_to(&command.name).into_iter().chain(["error"]);
    json!({
        "action": "receive",
        "channel": reference(&["channels", "websocket"]),
        "summary": command.description,
        "messages": [in_channel(&command.name)],
        "reply": {
            "channel": reference(&["channels", "websocket"]),
            "messages": replies.map(in_channel).collect::<Vec<_>>(),
        },
    })
}

/// The one binary frame: a chunk of an upload that was created over REST.
fn chunk() -> Value {
    json!({
        "name": "chunk",
        "summary": "A chunk of an upload, as a binary frame.",
        "description": format!(
            "A header of {CHUNK_HEADER_BYTES} bytes, then the file's bytes, at least one: the version of the header, 1, in 1 \
             byte; the file's identifier in 16; the offset at which the bytes begin in 8, big-endian; a number in 4, \
             big-endian, which comes back as text as the `id` of the `ack` or `error`. What is acknowledged is durable."
        ),
        "contentType": "application/octet-stream",
        "payload": {},
        "x-said-by": "client",
    })
}

fn receive_chunk() -> Value {
    json!({
        "action": "receive",
        "channel": reference(&["channels", "websocket"]),
        "summary": "Goes on with an upload.",
        "messages": [in_channel("chunk")],
        "reply": {
            "channel": reference(&["channels", "websocket"]),
            "messages": [in_channel("ack.ChunkStored"), in_channel("error")],
        },
    })
}

fn send<'a>(summary: &str, frames: impl Iterator<Item = &'a Frame>) -> Value {
    json!({
        "action": "send",
        "channel": reference(&["channels", "websocket"]),
        "summary": summary,
        "messages": frames.map(|frame| in_channel(&frame.name)).collect::<Vec<_>>(),
    })
}

fn message(frame: &Frame, said_by: &str) -> Value {
    let mut message = json!({
        "name": frame.kind,
        "summary": frame.description,
        "payload": frame.payload,
        "x-said-by": said_by,
    });
    if frame.replies || said_by == "client" {
        message["correlationId"] = json!({"location": "$message.payload#/id"});
    }
    message
}

fn in_channel(name: &str) -> Value {
    reference(&["channels", "websocket", "messages", name])
}

/// A JSON pointer (RFC 6901) into the document.
fn reference(path: &[&str]) -> Value {
    let escaped = path.iter().map(|part| part.replace('~', "~0").replace('/', "~1"));
    json!({"$ref": format!("#/{}", escaped.collect::<Vec<_>>().join("/"))})
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{ClientFrame, CloseCode, ErrorCode};

    #[test]
    fn every_command_of_the_document_is_known_to_the_reader_of_frames_and_every_other_is_not() {
        let commands = frames::commands(&mut Types::new());
        assert!(commands.len() > 5);
        for command in commands {
            let frame = json!({"type": command.kind, "data": {"no such field": 1}}).to_string();
            let code = ClientFrame::parse(&frame).unwrap_err().code;
            assert_eq!(code, ErrorCode::InvalidRequest, "{} is read", command.kind);
        }
        let unknown = ClientFrame::parse(r#"{"type":"dance"}"#).unwrap_err();
        assert_eq!(unknown.code, ErrorCode::UnknownCommand);
        for command in frames::commands(&mut Types::new()) {
            assert!(unknown.message.contains(&command.kind), "{} is named: {}", command.kind, unknown.message);
        }
    }

    #[test]
    fn every_answer_that_a_command_names_is_a_message() {
        let document = asyncapi();
        for (name, operation) in document["operations"].as_object().unwrap() {
            let messages = [&operation["messages"], &operation["reply"]["messages"]];
            for message in messages.iter().flat_map(|messages| messages.as_array().into_iter().flatten()) {
                let reference = message["$ref"].as_str().unwrap();
                assert!(document.pointer(&reference[1..]).is_some(), "{name} names {reference}");
            }
        }
    }

    #[test]
    fn every_close_code_is_in_the_table() {
        let variants = Types::new().outbound_in_place::<CloseCode>();
        assert_eq!(variants["oneOf"].as_array().unwrap().len(), CloseCode::ALL.len(), "CloseCode::ALL lacks one");
        assert!(CloseCode::ALL.is_sorted());
        let document = asyncapi();
        let told: Vec<_> =
            document["x-close-codes"].as_array().unwrap().iter().map(|row| row["code"].clone()).collect();
        assert_eq!(told, CloseCode::ALL.map(|code| json!(code.number())));
    }
}
