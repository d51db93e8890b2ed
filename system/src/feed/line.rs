//! One line of a conversation file: what it says, or what is wrong with it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use crate::domain::bounds::Bounds;
use crate::protocol::{Conversation, Timestamp};

/// The first line: what the conversation is.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Heading {
    /// The conversation's own identifier.
    #[serde(default)]
    pub id: Option<String>,
    /// Its title.
    pub title: String,
    /// Every other field.
    #[serde(flatten)]
    pub metadata: BTreeMap<String, Value>,
}

/// Any other line: a message.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// The line's own identifier.
    pub id: String,
    /// Who wrote it.
    pub author: String,
    /// The text.
    pub body: String,
    /// When it was written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
}

/// What a line says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Said {
    Heading(Heading),
    Line(Line),
}

impl Heading {
    /// Tells two headings apart.
    pub fn digest(&self) -> String {
        digest_of(&serde_json::to_vec(self).expect("a heading has only string keys and finite numbers"))
    }

    /// The conversation as a room shows it.
    pub fn conversation(&self) -> Conversation {
        Conversation { id: self.id.clone(), title: self.title.clone(), metadata: self.metadata.clone() }
    }
}

impl Line {
    /// Tells two contents of a line apart. How they are written, spaces and the order of fields, plays no part.
    pub fn digest(&self) -> String {
        digest_of(&serde_json::to_vec(self).expect("a line has only string keys"))
    }
}

/// Half of SHA-256, in hexadecimal.
pub fn digest_of(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// Reads a line without its line feed.
///
/// # Errors
/// What is wrong with it, in a person's words.
pub(super) fn read(bytes: &[u8]) -> Result<Said, String> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Envelope<'a> {
        r#type: String,
        #[serde(borrow)]
        data: &'a RawValue,
    }
    let text = std::str::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned())?;
    let Envelope { r#type, data } =
        serde_json::from_str(text).map_err(|error| format!("it is no object of `type` and `data`: {error}"))?;
    let wrong = |error: serde_json::Error| format!("the data of its {} is wrong: {error}", r#type);
    match r#type.as_str() {
        "conversation" => {
            let heading: Heading = serde_json::from_str(data.get()).map_err(wrong)?;
            let mut bounds = Bounds::default().name("title", &heading.title).metadata("data", &heading.metadata);
            if let Some(id) = &heading.id {
                bounds = bounds.identifier("id", id);
            }
            bounds.check().map_err(|refusal| refusal.detail)?;
            Ok(Said::Heading(heading))
        }
        "message" => {
            let line: Line = serde_json::from_str(data.get()).map_err(wrong)?;
            Bounds::default()
                .identifier("id", &line.id)
                .name("author", &line.author)
                .body("body", &line.body)
                .check()
                .map_err(|refusal| refusal.detail)?;
            Ok(Said::Line(line))
        }
        _ => Err("its `type` is neither `conversation` nor `message`".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_read_however_it_is_written() {
        let read = |text: &str| match read(text.as_bytes()) {
            Ok(Said::Line(line)) => line,
            other => panic!("{text}: {other:?}"),
        };
        let one = read(r#"{"type":"message","data":{"id":"1","author":"Ana","body":"hi"}}"#);
        let same = read(r#" { "data" : {"body":"hi","author":"Ana","id":"1"}, "type":"message" } "#);
        let other = read(r#"{"type":"message","data":{"id":"1","author":"Ana","body":"hi!"}}"#);
        assert_eq!(one.digest(), same.digest());
        assert_ne!(one.digest(), other.digest());
    }

    #[test]
    fn a_heading_keeps_what_it_does_not_know() {
        let text = r#"{"type":"conversation","data":{"title":"Order","channel":"phone","score":0.5}}"#;
        let Ok(Said::Heading(heading)) = read(text.as_bytes()) else { panic!("{text}") };
        assert_eq!(heading.id, None);
        assert_eq!(heading.metadata["channel"], "phone");
        assert_eq!(heading.metadata.len(), 2);
    }

    #[test]
    fn what_is_wrong_is_named() {
        let check = |bytes: &[u8], hint: &str| {
            let reason = read(bytes).unwrap_err();
            assert!(reason.contains(hint), "{}: {reason}", String::from_utf8_lossy(bytes));
        };
        check(b"hello", "`type` and `data`");
        check(b"\xff\xfe", "UTF-8");
        check(br#"{"type":"message"}"#, "`data`");
        check(br#"{"type":"dance","data":{}}"#, "neither");
        check(br#"{"type":"message","data":{},"more":1}"#, "`more`");
        check(br#"{"type":"message","data":{"id":"1","author":"Ana"}}"#, "`body`");
        check(br#"{"type":"message","data":{"id":"1","author":"Ana","body":"a","x":1}}"#, "`x`");
        check(br#"{"type":"message","data":{"id":"","author":"Ana","body":"a"}}"#, "`id`");
        check(br#"{"type":"message","data":{"id":"1","author":"Ana","body":" "}}"#, "`body`");
        check(br#"{"type":"message","data":{"id":"1","author":"Ana","body":"a","at":"noon"}}"#, "message is wrong");
        check(br#"{"type":"conversation","data":{"title":""}}"#, "`title`");
        let large = format!(r#"{{"type":"conversation","data":{{"title":"t","x":"{}"}}}}"#, "x".repeat(5_000));
        check(large.as_bytes(), "4,096 bytes");
    }
}
