//! `latency/delivery`: where nothing holds a device up, it is pushed an event in time.
//!
//! IT-9 allows 100 ms for what the server does; on top comes what the simulated network takes. What excuses a delay is a
//! fault of the device's own link, or of the server's machine and process, then or shortly before. A fault of *another*
//! device's link excuses nothing: nobody waits for a slow reader (PROTOCOL.md, promise 11).

use std::collections::BTreeMap;

use system::protocol::{Event, ServerFrame, StreamId};

use super::{AFTERMATH_MS, ONE_WAY_MS};
use crate::index::{Connection, Index};
use crate::property::{Property, Verdict, Violation};
use crate::story::Story;
use crate::telling::{self, possessive};

/// See the module.
pub(crate) struct Delivery;

/// What the server may take (IT-9).
const SERVER_MS: u64 = 100;

impl Property for Delivery {
    fn id(&self) -> &'static str {
        "latency/delivery"
    }

    fn statement(&self) -> &'static str {
        "a connection that follows a stream is pushed its new events within 100 ms and what the network takes, unless \
         its own link or the server is troubled"
    }

    fn requirements(&self) -> &'static [&'static str] {
        &["IT-9", "IT-E4", "WS-16", "PROTOCOL 11"]
    }

    fn does_not_verify(&self) -> &'static str {
        "real time: the simulated server's own work costs next to nothing (`cargo sim load` measures that); events that \
         are replayed, and those of which the server told no commit"
    }

    fn check(&self, index: &Index<'_>) -> Verdict {
        Verdict::from_check(check(index), "every delivery was excused by a fault, or there was none")
    }
}

fn check(index: &Index<'_>) -> Result<u64, Violation> {
    let mut checked = 0;
    for connection in &index.connections {
        checked += check_connection(index, connection)?;
    }
    Ok(checked)
}

fn check_connection(index: &Index<'_>, connection: &Connection<'_>) -> Result<u64, Violation> {
    let mut checked = 0;
    // Since when each stream is pushed live: what was committed before is replayed.
    let mut since: BTreeMap<StreamId, usize> = BTreeMap::new();
    for (entry, frame) in connection.received() {
        match frame {
            ServerFrame::Welcome(_, welcome) => {
                since.extend(welcome.streams.iter().map(|state| (state.stream, entry)));
            }
            ServerFrame::Subscribed(_, state) => {
                since.insert(state.stream, entry);
            }
            ServerFrame::Event(event) => {
                let Some(committed) = index.log.committed(event.stream, event.seq) else { continue };
                if since.get(&event.stream).is_none_or(|since| committed < *since) {
                    continue;
                }
                let (from, to) = (index.at(committed), index.at(entry));
                let took_ms = to.as_ms().saturating_sub(from.as_ms());
                if !index.troubles().calm(Some(connection.device), from, to, AFTERMATH_MS) {
                    continue;
                }
                if took_ms > SERVER_MS + ONE_WAY_MS {
                    return Err(late(index, connection, (entry, event), took_ms));
                }
                checked += 1;
            }
            _ => {}
        }
    }
    Ok(checked)
}

fn late(index: &Index<'_>, connection: &Connection<'_>, (entry, event): (usize, &Event), took_ms: u64) -> Violation {
    let bound_ms = SERVER_MS + ONE_WAY_MS;
    Violation {
        expected: format!(
            "{} is pushed {} within {bound_ms} ms of its commit",
            possessive(connection.device),
            telling::event(index.names(), event)
        ),
        observed: format!("it takes {took_ms} ms, and no fault is near"),
        evidence: Story::new(index).origin(event).breaks(entry).tell(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::{Scene, held, vacuous, violated};

    /// Ben says something, and ana's phone is pushed it after a while.
    fn pushed_after(mut scene: Scene, ms: u64) -> Scene {
        let event = scene.says("ben/phone", "general", "m1");
        scene.wait_ms(ms);
        scene.gets("ana/phone", &event);
        scene
    }

    #[test]
    fn an_event_that_comes_late_is_a_violation() {
        let violation = violated(&Delivery, &pushed_after(Scene::company(), 400).ends());
        assert_eq!(
            violation.expected,
            "ana's phone is pushed general#5 message.created \"m1\" within 330 ms of its commit"
        );
    }

    #[test]
    fn a_fault_of_another_devices_link_is_no_excuse() {
        let mut scene = Scene::company();
        scene.fault("cut", "cut ben/phone");
        violated(&Delivery, &pushed_after(scene, 400).ends());
    }

    #[test]
    fn an_event_in_time_holds_and_one_that_a_fault_held_up_is_passed_over() {
        held(&Delivery, &pushed_after(Scene::company(), 300).ends());
        for (fault, text) in [("cut", "cut ana/phone"), ("full_disk", "the server's disk is full")] {
            let mut scene = Scene::company();
            scene.fault(fault, text);
            vacuous(&Delivery, &pushed_after(scene, 9_000).ends());
        }
    }

    #[test]
    fn without_a_push_there_is_nothing_to_check() {
        vacuous(&Delivery, &Scene::company().ends());
    }
}
