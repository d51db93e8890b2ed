//! Names for identifiers, learned from what was observed: a person reads `general#17`, not `room:0189…#17`.

use std::collections::BTreeMap;

use properties::trace::{Observation, Trace};
use serde_json::Value;

/// The length of a UUID's text.
const UUID_LENGTH: usize = 36;

/// What each identifier is called.
#[derive(Debug, Default)]
pub struct Names {
    names: BTreeMap<String, String>,
}

impl Names {
    /// Learns from a whole trace, since a name may be heard later than its identifier.
    pub fn of(trace: &Trace) -> Self {
        let mut names = Self::default();
        for entry in &trace.entries {
            match &entry.what {
                Observation::LoggedIn { device, user, session } => {
                    let name = device.split('/').next().unwrap_or(device);
                    // The name in the history is the one that the reader knows.
                    names.names.insert(user.to_string(), name.to_owned());
                    names.names.insert(session.to_string(), format!("session of {device}"));
                }
                Observation::FrameReceived { text, .. } => names.learn_text(text),
                Observation::Answered { body, .. } => names.learn_text(body),
                Observation::FinalSnapshot { snapshot } => {
                    names.learn(&serde_json::to_value(&snapshot.state).unwrap_or_default());
                }
                _ => {}
            }
        }
        names
    }

    /// The text with each identifier replaced by its name, or by its end if it has none.
    pub fn apply(&self, text: &str) -> String {
        let mut told = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(start) = find_uuid(rest) {
            let (before, uuid) = (&rest[..start], &rest[start..start + UUID_LENGTH]);
            // `room:<uuid>` is told as the room's name alone.
            let name = self.names.get(uuid);
            let before = match name {
                Some(_) => {
                    ["room:", "user:", "company:"].iter().find_map(|kind| before.strip_suffix(kind)).unwrap_or(before)
                }
                None => before,
            };
            told.push_str(before);
            match name {
                Some(name) => told.push_str(name),
                None => told.push_str(&uuid[UUID_LENGTH - 6..]),
            }
            rest = &rest[start + UUID_LENGTH..];
        }
        told + rest
    }

    fn learn_text(&mut self, text: &str) {
        if let Ok(value) = serde_json::from_str(text) {
            self.learn(&value);
        }
    }

    /// Every object with an identifier and something to call it by, however deep.
    fn learn(&mut self, value: &Value) {
        match value {
            Value::Array(items) => items.iter().for_each(|item| self.learn(item)),
            Value::Object(fields) => {
                let text = |key: &str| fields.get(key).and_then(Value::as_str);
                let name = match (text("email"), text("name"), text("author")) {
                    (Some(email), _, _) => email.split('@').next().map(str::to_owned),
                    (None, Some(name), _) => Some(name.to_owned()),
                    (None, None, Some(_)) => text("body").map(|body| format!("{body:?}")),
                    (None, None, None) => None,
                };
                if let (Some(id), Some(name)) = (text("id"), name) {
                    self.names.entry(id.to_owned()).or_insert(name);
                }
                fields.values().for_each(|field| self.learn(field));
            }
            _ => {}
        }
    }
}

/// Where the first UUID begins.
fn find_uuid(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    (0..bytes.len().checked_sub(UUID_LENGTH - 1)?).find(|&start| {
        bytes[start..start + UUID_LENGTH].iter().enumerate().all(|(index, byte)| match index {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_become_names() {
        let mut names = Names::default();
        names.learn_text(
            r#"{"items":[
                {"id":"01890000-0000-7000-8000-00000000000a","name":"general"},
                {"id":"01890000-0000-7000-8000-00000000000b","name":"Ana Lee","email":"ana@storm.test"},
                {"id":"01890000-0000-7000-8000-00000000000c","author":"x","body":"hi"}]}"#,
        );
        let check = |text: &str, told: &str| assert_eq!(names.apply(text), told);
        check("room:01890000-0000-7000-8000-00000000000a#17", "general#17");
        check("to 01890000-0000-7000-8000-00000000000b: 01890000-0000-7000-8000-00000000000c", "to ana: \"hi\"");
        check("room:01890000-0000-7000-8000-0000000000ff", "room:0000ff");
        check("short", "short");
        check("ä 01890000-0000-7000-8000-00000000000a ä", "ä general ä");
    }
}
