//! REST requests and their answers in a person's words: what is asked for, and what of the answer matters.

use serde_json::{Map, Value};
use system::protocol::{API_PREFIX, Message, PostMessage, Problem, Snapshot, StreamId};

use super::names::Names;
use super::shortened::shortened;

/// What nobody should read, or nobody wants to.
const UNTOLD: [&str; 4] = ["password", "refresh_token", "email", "device"];

/// `POST /rooms/general/messages "m17"`: the path below the prefix that all share, names in the place of identifiers.
pub(super) fn request(names: &Names, method: &str, path: &str, body: &str) -> String {
    let path = path.split('?').next().unwrap_or(path);
    let path = names.path(path.strip_prefix(API_PREFIX).unwrap_or(path));
    format!("{method} {path} {}", asked(names, body)).trim_end().to_owned()
}

/// `is answered 403: only members may read a room`.
pub(super) fn answer(names: &Names, status: u16, body: &str) -> String {
    match given(names, body) {
        Some(given) => format!("is answered {status}: {given}"),
        None => format!("is answered {status}"),
    }
}

fn asked(names: &Names, body: &str) -> String {
    if let Ok(post) = serde_json::from_str::<PostMessage>(body) {
        return format!("{:?}", shortened(&post.body));
    }
    let Ok(fields) = serde_json::from_str::<Map<String, Value>>(body) else { return String::new() };
    let told = fields.iter().filter(|(name, _)| !UNTOLD.contains(&name.as_str()));
    let told = told.map(|(name, value)| match value {
        Value::String(text) => format!("{name}: {}", names.in_text(text)),
        value => format!("{name}: {value}"),
    });
    let told = told.collect::<Vec<_>>().join(", ");
    if told.is_empty() { told } else { format!("{{{}}}", shortened(&told)) }
}

fn given(names: &Names, body: &str) -> Option<String> {
    if let Ok(problem) = serde_json::from_str::<Problem>(body) {
        return Some(names.in_text(&problem.detail));
    }
    if let Ok(message) = serde_json::from_str::<Message>(body) {
        return Some(names.place(StreamId::Room(message.room), message.seq));
    }
    let snapshot = serde_json::from_str::<Snapshot>(body).ok()?;
    Some(format!("as of {}", names.place(snapshot.stream, snapshot.seq)))
}
