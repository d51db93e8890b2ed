//! `ordering/same-for-all`: what stands at a place of a stream is the same for everybody.

use std::collections::BTreeMap;

use system::protocol::{Epoch, Event, StreamId};

use crate::index::Index;
use crate::property::{Property, Verdict, Violation};
use crate::story::Story;
use crate::telling::{possessive, who_and_what};

/// See the module.
pub(crate) struct SameForAll;

impl Property for SameForAll {
    fn id(&self) -> &'static str {
        "ordering/same-for-all"
    }

    fn statement(&self) -> &'static str {
        "every device, and the final log, saw the identical event at each place of each stream"
    }

    fn requirements(&self) -> &'static [&'static str] {
        &["CG-2", "PROTOCOL 1", "PROTOCOL 3"]
    }

    fn does_not_verify(&self) -> &'static str {
        "that everybody saw every event (ordering/gapless and recovery/within-30s do), nor that a seen event is in the \
         final log at all (durability/acknowledged does)"
    }

    fn check(&self, index: &Index<'_>) -> Verdict {
        Verdict::from_check(check(index), "no event was seen twice")
    }
}

fn check(index: &Index<'_>) -> Result<u64, Violation> {
    let mut checked = 0;
    // Only events that the final log does not have need to be remembered.
    let mut seen: BTreeMap<(StreamId, Epoch, u64), (usize, &Event)> = BTreeMap::new();
    for connection in &index.connections {
        for (entry, event) in connection.events() {
            let logged = index.log.stream(event.stream).filter(|log| log.epoch == event.epoch);
            let other = match logged.and_then(|log| Some((log.entry, log.event(event.seq)?))) {
                Some(logged) => logged,
                None => *seen.entry((event.stream, event.epoch, event.seq)).or_insert((entry, event)),
            };
            if other.0 == entry {
                continue;
            }
            if other.1 != event {
                return Err(differs(index, connection.device, (entry, event), other));
            }
            checked += 1;
        }
    }
    Ok(checked)
}

fn differs(index: &Index<'_>, device: &str, seen: (usize, &Event), other: (usize, &Event)) -> Violation {
    let place = index.names().place(seen.1.stream, seen.1.seq);
    let (who, _) = who_and_what(index, other.0);
    let (here, there) = difference(seen.1, other.1);
    Violation {
        expected: format!("{} and {} see the same {place}", possessive(device), possessive(&who)),
        observed: format!("{} sees {here}, {} sees {there}", possessive(device), possessive(&who)),
        evidence: Story::new(index).origin(other.1).link(other.0).breaks(seen.0).tell(),
    }
}

/// The fields in which two events differ, as each has them.
fn difference(one: &Event, other: &Event) -> (String, String) {
    let fields = |event: &Event| serde_json::to_value(event).expect("an event has only string keys and finite numbers");
    let (mut one, mut other) = (fields(one), fields(other));
    let differs = |key: &String| one.get(key) != other.get(key);
    let keys: Vec<String> =
        one.as_object().into_iter().flat_map(|fields| fields.keys().cloned()).filter(differs).collect();
    for fields in [&mut one, &mut other] {
        fields.as_object_mut().expect("an event is an object").retain(|key, _| keys.contains(key));
    }
    (one.to_string(), other.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::{Scene, chain, held, vacuous, violated};

    #[test]
    fn two_devices_that_see_different_events_at_a_place_are_a_violation() {
        let mut scene = Scene::company();
        let event = scene.says("ana/phone", "general", "m1");
        scene.gets("ben/phone", &event);
        let mut other = event.clone();
        other.correlation_id = "another".into();
        scene.gets("ana/phone", &other);
        let violation = violated(&SameForAll, &scene.ends());
        assert_eq!(violation.expected, "ana's phone and the auditor see the same general#5");
        assert!(violation.observed.contains("\"correlation_id\":\"another\""), "{}", violation.observed);
        assert_eq!(
            chain(&violation),
            [
                "ana/phone: message.send \"m1\" to general",
                "server: committed general#5 message.created \"m1\"",
                "ana/phone: receives general#5 message.created \"m1\" <- breaks it",
                "auditor: reads the log of room general: it ends at 5",
            ]
        );
    }

    #[test]
    fn devices_are_compared_where_the_log_has_nothing() {
        let mut scene = Scene::company();
        let event = scene.says("ana/phone", "general", "m1");
        scene.logs.get_mut(&event.stream).unwrap().pop();
        let other = scene.says("ana/phone", "general", "m2");
        scene.logs.get_mut(&event.stream).unwrap().pop();
        scene.gets("ana/phone", &event);
        scene.gets("ben/phone", &other);
        let violation = violated(&SameForAll, &scene.ends());
        assert_eq!(violation.expected, "ben's phone and ana's phone see the same general#5");
    }

    #[test]
    fn the_same_event_for_all_holds() {
        let mut scene = Scene::company();
        let event = scene.says("ana/phone", "general", "m1");
        scene.all_get(&event);
        held(&SameForAll, &scene.ends());
    }

    #[test]
    fn without_a_push_there_is_nothing_to_compare() {
        vacuous(&SameForAll, &Scene::company().ends());
    }
}
