//! Which field of a JSON object has the wrong type. Serde says what is wrong, but not where, once a tagged enum has
//! buffered its fields.

use serde::de::DeserializeOwned;
use serde_json::Value;

/// The path of the field because of which `value` is no `T`: `action.for_ms`. None if no single field is to blame.
///
/// A field is to blame if the complaint changes when it is absent. Tags are asked last: without them every complaint
/// changes.
pub(super) fn culprit<T: DeserializeOwned>(value: &Value) -> Option<String> {
    let complaint = complaint::<T>(value)?;
    let mut paths = Vec::new();
    collect_paths(value, &mut Vec::new(), &mut paths);
    let is_tag = |path: &[String]| path.last().is_some_and(|name| name == "do" || name == "fault");
    // The deepest first: a field is nearer to the mistake than the object that it is in.
    paths.sort_by_key(|path| (is_tag(path), std::cmp::Reverse(path.len())));
    let to_blame = paths.into_iter().find(|path| {
        let mut without = value.clone();
        remove(&mut without, path);
        self::complaint::<T>(&without).as_deref() != Some(complaint.as_str())
    });
    to_blame.map(|path| path.join("."))
}

fn complaint<T: DeserializeOwned>(value: &Value) -> Option<String> {
    T::deserialize(value).err().map(|error| error.to_string())
}

fn collect_paths(value: &Value, path: &mut Vec<String>, paths: &mut Vec<Vec<String>>) {
    let Value::Object(fields) = value else { return };
    for (name, field) in fields {
        path.push(name.clone());
        paths.push(path.clone());
        collect_paths(field, path, paths);
        path.pop();
    }
}

fn remove(value: &mut Value, path: &[String]) {
    match path {
        [] => {}
        [name] => drop(value.as_object_mut().and_then(|fields| fields.remove(name))),
        [name, rest @ ..] => {
            if let Some(field) = value.get_mut(name) {
                remove(field, rest);
            }
        }
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
