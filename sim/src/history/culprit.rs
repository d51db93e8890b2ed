//! Which field of a JSON object has the wrong type. Serde says what is wrong, but not where, once a tagged enum has
//! buffered its fields.

use serde::de::DeserializeOwned;
use serde_json::Value;

/// The path of the field because of which `value` is no `T`: `action.for_ms`. None if no single field is to blame.
///
/// A field is to blame if the complaint changes when it is absent; then the same is asked of the fields within it.
pub(super) fn culprit<T: DeserializeOwned>(value: &Value) -> Option<String> {
    let complaint = complaint::<T>(value)?;
    let mut path: Vec<String> = Vec::new();
    while let Some(fields) = at(value, &path).and_then(Value::as_object) {
        let mut names: Vec<&String> = fields.keys().collect();
        // Tags are asked last: without them every complaint changes.
        names.sort_by_key(|name| ["do", "fault"].contains(&name.as_str()));
        let to_blame = names.into_iter().find(|name| {
            let mut without = value.clone();
            remove(&mut without, &path, name);
            self::complaint::<T>(&without).as_deref() != Some(complaint.as_str())
        });
        let Some(name) = to_blame else { break };
        path.push(name.clone());
    }
    (!path.is_empty()).then(|| path.join("."))
}

fn complaint<T: DeserializeOwned>(value: &Value) -> Option<String> {
    T::deserialize(value).err().map(|error| error.to_string())
}

fn at<'a>(value: &'a Value, path: &[String]) -> Option<&'a Value> {
    path.iter().try_fold(value, |value, name| value.get(name))
}

fn remove(value: &mut Value, path: &[String], name: &str) {
    let object = path.iter().try_fold(value, |value, name| value.get_mut(name));
    if let Some(fields) = object.and_then(Value::as_object_mut) {
        fields.remove(name);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::history::Step;

    #[test]
    fn the_wrong_field_is_found_at_any_depth() {
        let check = |value: Value, expected: Option<&str>| assert_eq!(culprit::<Step>(&value).as_deref(), expected);
        let send = |room: Value| json!({"do": "send", "device": "ana/phone", "room": room, "body": "m1"});
        check(json!({"id": 1, "at_ms": 5, "action": send(json!("general"))}), None);
        check(json!({"id": 1, "at_ms": "5", "action": send(json!("general"))}), Some("at_ms"));
        check(json!({"id": 1, "at_ms": 5, "action": send(json!(7))}), Some("action.room"));
        let cut = |target: Value, for_ms: Value| {
            let fault = json!({"do": "fault", "fault": "cut", "target": target, "direction": "up", "for_ms": for_ms});
            json!({"id": 1, "at_ms": 5, "action": fault})
        };
        check(cut(json!("everyone"), json!(-1)), Some("action.for_ms"));
        check(cut(json!({"device": 3}), json!(1)), Some("action.target.device"));
    }
}
