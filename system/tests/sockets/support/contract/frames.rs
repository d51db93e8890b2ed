//! What the server says on a WebSocket against the AsyncAPI document.

use serde_json::Value;

use super::schemas::Schemas;

/// What the document does not say of this text frame, if anything.
pub fn mistake(text: &[u8]) -> Option<String> {
    let schemas = Schemas::published();
    let frame: Value = match serde_json::from_slice(text) {
        Ok(frame) => frame,
        Err(error) => return Some(format!("a text frame that is no JSON: {error}")),
    };
    let messages = schemas.asyncapi["components"]["messages"].as_object().expect("the document has messages");
    let kind = |message: &&Value| message["x-said-by"] == "server" && message["name"] == frame["type"];
    let mistakes: Option<Vec<String>> = messages
        .values()
        .filter(kind)
        .map(|message| schemas.mistake(&schemas.asyncapi, &message["payload"], &frame))
        .collect();
    let mistakes = mistakes?;
    Some(match mistakes.is_empty() {
        true => format!("a frame of a type that is not in the document: {frame}"),
        false => format!("{}\n  in {frame}", mistakes.join("; or ")),
    })
}

/// What the document does not say of this close code, if anything.
pub fn close_mistake(payload: &[u8]) -> Option<String> {
    let code = u16::from_be_bytes(payload.get(..2)?.try_into().ok()?);
    let table = Schemas::published().asyncapi["x-close-codes"].as_array()?;
    // Tungstenite repeats a code that the client gave.
    let told = table.iter().any(|row| row["code"] == code);
    (!told && code >= 4_000).then(|| format!("close code {code} is not in the document"))
}
