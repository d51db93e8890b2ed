//! `liveness/quiet`: when there is nothing to do, nearly nothing is done, nothing waits, and nothing grows.

use std::collections::BTreeMap;

use crate::index::Index;
use crate::property::{Property, Verdict, Violation};
use crate::story::Story;
use crate::trace::{At, Idle, Observation, Phase, Word};

/// See the module.
pub(crate) struct Quiet;

/// How much may be done in a second in which nobody asks for anything: by the server itself, and for each device that is
/// connected.
///
/// What there is to do: heartbeats each 10 s, tokens of which the shortest are renewed every few seconds, the server's
/// sweeps, and the scans of conversation files. Over seeds 0 to 39 and 100 to 159 of standard, harsh and swarm, with up to 13
/// devices, there were at most, each second:
///
/// | what | without devices | with devices, by their number |
/// |---|---|---|
/// | polls of the server's tasks | 3.4 | 5.2 |
/// | polls of the devices' tasks | 5.6 | 6.1 |
/// | operations of the disk | 0 | 2.1 |
/// | frames, requests, connections, lines of the log | 0 | 1.2 |
///
/// The bounds are two to four times that. A timer that is armed again each millisecond makes a thousand polls a second; one
/// of 10 ms is seen whoever is there.
struct Bound {
    /// What is bounded.
    what: &'static str,
    /// In each second, without any device.
    alone: u64,
    /// In each second, more for each device.
    each: u64,
}

const SERVER_POLLS: Bound = Bound { what: "polls of the server's tasks", alone: 10, each: 10 };
const DEVICE_POLLS: Bound = Bound { what: "polls of the devices' tasks", alone: 15, each: 14 };
const DISK_OPERATIONS: Bound = Bound { what: "operations of the server's disk", alone: 4, each: 6 };
const SEEN: Bound = Bound { what: "frames, requests, connections and lines of the server's log", alone: 2, each: 4 };

/// By how many tasks the server may have more at the end: what sweeps or scans just then, and for each device the
/// connection that it opened for a request, to renew its token.
const TASKS: Bound = Bound { what: "tasks", alone: 2, each: 1 };

/// The gauges that count what waits.
const QUEUES: [&str; 3] = ["store_operations_waiting", "websocket_longest_queue_bytes", "websocket_queued_bytes"];

/// The gauges that count what belongs to a device.
const HELD: [&str; 5] =
    ["presence_entries", "websocket_connections", "websocket_permits", "websocket_subscriptions", "websocket_tasks"];

impl Property for Quiet {
    fn id(&self) -> &'static str {
        "liveness/quiet"
    }

    fn statement(&self) -> &'static str {
        "when all have recovered and nobody asks for anything, work is bounded in each second, nothing waits in a queue, \
         neither tasks nor the database grow, and of devices that have left the server holds nothing"
    }

    fn requirements(&self) -> &'static [&'static str] {
        &["CG-6", "WS-P4", "IT-E4", "IT-9", "PROTOCOL 11"]
    }

    fn does_not_verify(&self) -> &'static str {
        "bytes of memory, what a poll costs, nor work in the storm and on the way out of it"
    }

    fn check(&self, index: &Index<'_>) -> Verdict {
        Verdict::from_check(check(index), "nobody looked at a time in which nothing was asked for")
    }
}

fn check(index: &Index<'_>) -> Result<u64, Violation> {
    let (mut checked, mut has_left) = (0, false);
    for (entry, observed) in index.trace.entries.iter().enumerate() {
        let wrong = match &observed.what {
            Observation::Phase { phase: Phase::Left } => {
                has_left = true;
                continue;
            }
            Observation::Idled { idle } => busy(idle, seen(index, entry, idle)).or_else(|| growing(idle)),
            Observation::LiveObjects { gauges } => waiting(gauges).or_else(|| held(gauges, has_left)),
            _ => continue,
        };
        if let Some((expected, observed)) = wrong {
            let since = index.phases.iter().filter(|(_, phase)| **phase < entry).map(|(_, phase)| *phase).max();
            let evidence = Story::new(index).link(since).breaks(entry).tell();
            return Err(Violation { expected, observed, evidence });
        }
        checked += 1;
    }
    Ok(checked)
}

/// What should have been, and what was.
type Wrong = Option<(String, String)>;

fn busy(idle: &Idle, seen: u64) -> Wrong {
    let counts = [
        (SERVER_POLLS, idle.server_polls),
        (DEVICE_POLLS, idle.device_polls),
        (DISK_OPERATIONS, idle.disk_operations),
        (SEEN, seen),
    ];
    counts.into_iter().find_map(|(Bound { what, alone, each }, count)| {
        let a_second = alone + each * idle.devices;
        (count * 1_000 > a_second * idle.for_ms).then(|| {
            let devices = idle.devices;
            let expected =
                format!("with {devices} devices and nothing to do there are at most {a_second} {what} a second");
            (expected, format!("there are {count} in {}", At(idle.for_ms * 1_000)))
        })
    })
}

/// How much was observed in the time that `entry` tells of.
fn seen(index: &Index<'_>, entry: usize, idle: &Idle) -> u64 {
    let begin = At(index.trace.entries[entry].at.0.saturating_sub(idle.for_ms * 1_000));
    let within = index.trace.entries[..entry].iter().rev().take_while(|observed| observed.at >= begin);
    let counts = within.filter(|observed| {
        matches!(
            observed.what,
            Observation::FrameSent { .. }
                | Observation::FrameReceived { .. }
                | Observation::Requested { .. }
                | Observation::ConnectionOpened { .. }
                | Observation::Logged { .. }
        )
    });
    counts.count() as u64
}

fn growing(idle: &Idle) -> Wrong {
    let Idle { devices, tasks_before, tasks_after, disk_bytes_before, disk_bytes_after, .. } = *idle;
    let more = TASKS.alone + TASKS.each * devices;
    if tasks_after > tasks_before + more {
        let expected = format!("of the {tasks_before} {} that the server had become at most {more} more", TASKS.what);
        return Some((expected, format!("it has {tasks_after}")));
    }
    (disk_bytes_after > disk_bytes_before).then(|| {
        let expected = format!("the server's database stays as long as it was, {disk_bytes_before} bytes");
        (expected, format!("it is {disk_bytes_after} bytes long"))
    })
}

fn waiting(gauges: &BTreeMap<Word, i64>) -> Wrong {
    // The one that asks is among them.
    if let Some(count) = gauges.get("http_requests_in_flight").filter(|count| **count > 1) {
        return Some(("no request waits for its answer".to_owned(), format!("{} do", count - 1)));
    }
    let full =
        QUEUES.into_iter().find_map(|name| gauges.get(name).filter(|count| **count != 0).map(|count| (name, count)));
    full.map(|(name, count)| ("nothing waits in any queue".to_owned(), format!("{name} is {count}")))
}

fn held(gauges: &BTreeMap<Word, i64>, has_left: bool) -> Wrong {
    let count = |name| gauges.get(name).copied().unwrap_or_default();
    if has_left && let Some(name) = HELD.into_iter().find(|name| count(*name) != 0) {
        let expected = "when all devices have left, the server holds nothing of them".to_owned();
        return Some((expected, format!("{name} is {}", count(name))));
    }
    let (connections, permits) = (count("websocket_connections"), count("websocket_permits"));
    (connections != permits).then(|| {
        let expected = format!("as many permits are taken as there are connections, {connections}");
        (expected, format!("{permits} are"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::{Scene, chain, held as holds, vacuous, violated};
    use crate::trace::{Entry, Trace};

    const CALM: Idle = Idle {
        for_ms: 10_000,
        devices: 2,
        server_polls: 12,
        device_polls: 14,
        disk_operations: 3,
        tasks_before: 9,
        tasks_after: 9,
        disk_bytes_before: 500_000,
        disk_bytes_after: 500_000,
    };

    /// A quiet scene, with these looks when half have left.
    fn looked(looks: impl IntoIterator<Item = Observation>) -> Trace {
        let mut trace = Scene::company().ends();
        let parted =
            trace.entries.iter().position(|entry| matches!(entry.what, Observation::Phase { phase: Phase::Parted }));
        let parted = parted.expect("a scene parts");
        let at = trace.entries[parted].at;
        let looks: Vec<Entry> = looks.into_iter().map(|what| Entry { at, what }).collect();
        trace.entries.splice(parted..parted, looks);
        trace
    }

    fn gauges(pairs: &[(&'static str, i64)]) -> Observation {
        Observation::LiveObjects { gauges: pairs.iter().map(|(name, count)| ((*name).into(), *count)).collect() }
    }

    #[track_caller]
    fn check(look: Observation, expected: &str, observed: &str) {
        let violation = violated(&Quiet, &looked([look]));
        assert_eq!((violation.expected.as_str(), violation.observed.as_str()), (expected, observed));
    }

    #[test]
    fn a_busy_loop_is_a_violation() {
        let limit = SERVER_POLLS.alone + 2 * SERVER_POLLS.each;
        check(
            Observation::Idled { idle: Idle { server_polls: 10_000, ..CALM } },
            &format!("with 2 devices and nothing to do there are at most {limit} polls of the server's tasks a second"),
            "there are 10000 in 10.000 s",
        );
        let limit = DEVICE_POLLS.alone + 2 * DEVICE_POLLS.each;
        check(
            Observation::Idled { idle: Idle { device_polls: 9_000, ..CALM } },
            &format!("with 2 devices and nothing to do there are at most {limit} polls of the devices' tasks a second"),
            "there are 9000 in 10.000 s",
        );
        let violation =
            violated(&Quiet, &looked([Observation::Idled { idle: Idle { disk_operations: 7_000, ..CALM } }]));
        assert_eq!(violation.observed, "there are 7000 in 10.000 s");
        assert_eq!(chain(&violation).len(), 2, "{violation:?}");
    }

    #[test]
    fn chatter_is_a_violation() {
        let line = || Observation::Logged { level: "INFO".into(), message: "again".into(), fields: BTreeMap::new() };
        let chatter = (0..200).map(|_| line()).chain([Observation::Idled { idle: CALM }]);
        assert!(violated(&Quiet, &looked(chatter)).expected.contains("lines of the server's log"));
    }

    #[test]
    fn growth_is_a_violation() {
        check(
            Observation::Idled { idle: Idle { tasks_after: 20, ..CALM } },
            "of the 9 tasks that the server had become at most 4 more",
            "it has 20",
        );
        check(
            Observation::Idled { idle: Idle { disk_bytes_after: 504_096, ..CALM } },
            "the server's database stays as long as it was, 500000 bytes",
            "it is 504096 bytes long",
        );
    }

    #[test]
    fn what_waits_or_stays_is_a_violation() {
        check(gauges(&[("http_requests_in_flight", 3)]), "no request waits for its answer", "2 do");
        check(gauges(&[("websocket_queued_bytes", 80)]), "nothing waits in any queue", "websocket_queued_bytes is 80");
        check(
            gauges(&[("websocket_connections", 2), ("websocket_permits", 3)]),
            "as many permits are taken as there are connections, 2",
            "3 are",
        );
        let mut trace = looked([]);
        let last = trace.entries.last().expect("there is one").clone();
        trace.entries.push(Entry { what: gauges(&[("presence_entries", 1)]), ..last });
        let violation = violated(&Quiet, &trace);
        assert_eq!(violation.observed, "presence_entries is 1");
    }

    #[test]
    fn a_calm_time_holds() {
        // Both devices opened a connection to renew their tokens.
        let renewed = Idle { tasks_after: 11, ..CALM };
        let calm = gauges(&[("websocket_connections", 2), ("websocket_permits", 2), ("websocket_queued_bytes", 0)]);
        holds(&Quiet, &looked([Observation::Idled { idle: CALM }, Observation::Idled { idle: renewed }, calm]));
    }

    #[test]
    fn where_nobody_looked_there_is_nothing_to_check() {
        let mut trace = Scene::company().ends();
        let is_look = |what: &Observation| matches!(what, Observation::Idled { .. } | Observation::LiveObjects { .. });
        trace.entries.retain(|entry| !is_look(&entry.what));
        vacuous(&Quiet, &trace);
    }
}
