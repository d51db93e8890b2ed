//! `latency/answer`: where nothing holds a device up, it is answered in time, over REST and on the WebSocket.
//!
//! IT-9 allows 500 ms for what the server does; on top comes what the simulated network takes for both ways. A REST request
//! counts from the moment in which its connection is there. What excuses a delay is as for latency/delivery.

use std::collections::BTreeMap;

use system::protocol::{ClientFrame, Command};

use super::{AFTERMATH_MS, ONE_WAY_MS};
use crate::index::{Connection, Index, Seen};
use crate::property::{Property, Verdict, Violation};
use crate::story::Story;
use crate::telling::possessive;
use crate::trace::At;

/// See the module.
pub(crate) struct Answers;

/// What the server may take (IT-9).
const SERVER_MS: u64 = 500;

/// What an answer may take.
const BOUND_MS: u64 = SERVER_MS + 2 * ONE_WAY_MS;

impl Property for Answers {
    fn id(&self) -> &'static str {
        "latency/answer"
    }

    fn statement(&self) -> &'static str {
        "a request over REST and a command on the WebSocket are answered within 500 ms and what the network takes, \
         unless the device's own link or the server is troubled"
    }

    fn requirements(&self) -> &'static [&'static str] {
        &["IT-9", "IT-E4", "WS-1", "WS-19"]
    }

    fn does_not_verify(&self) -> &'static str {
        "real time: the simulated server's own work costs next to nothing (`cargo sim load` measures that); uploads and \
         downloads, whose time is that of their bytes"
    }

    fn check(&self, index: &Index<'_>) -> Verdict {
        Verdict::from_check(check(index), "every answer was excused by a fault, or nobody asked")
    }
}

fn check(index: &Index<'_>) -> Result<u64, Violation> {
    let mut checked = 0;
    for request in index.requests.iter().filter(|request| !moves_bytes(request.path)) {
        let ended = request.answer.map(|answer| answer.entry).or(request.lost);
        checked += u64::from(in_time(index, request.device, request.entry, ended)?);
    }
    for connection in &index.connections {
        for (asked, ended) in commands(index, connection) {
            checked += u64::from(in_time(index, connection.device, asked, ended)?);
        }
    }
    Ok(checked)
}

/// The path of what takes as long as its bytes.
fn moves_bytes(path: &str) -> bool {
    path.contains("/files")
}

/// The commands that are to be answered, each with its answer or, where none came, the last that was heard.
fn commands(index: &Index<'_>, connection: &Connection<'_>) -> Vec<(usize, Option<usize>)> {
    let mut asked: BTreeMap<&str, usize> = BTreeMap::new();
    let mut commands = Vec::new();
    let mut last_heard = None;
    for frame in &connection.frames {
        match frame.seen {
            Seen::Sent(ClientFrame { id: Some(id), command }) if !matches!(command, Command::Pong) => {
                asked.insert(id, frame.entry);
            }
            Seen::Received(received) => {
                last_heard = Some(frame.entry);
                if let Some(entry) = received.reply_to().and_then(|id| asked.remove(id)) {
                    commands.push((entry, Some(frame.entry)));
                }
            }
            _ => {}
        }
    }
    // While the device hears other things, it waits; what it does with a connection that is silent is not the server's.
    let waits = |entry: &usize| last_heard.is_some_and(|heard| index.at(heard) > index.at(*entry));
    commands.extend(asked.into_values().filter(waits).map(|entry| (entry, last_heard)));
    commands
}

/// Whether it was judged.
fn in_time(index: &Index<'_>, device: &str, asked: usize, ended: Option<usize>) -> Result<bool, Violation> {
    let Some(ended) = ended else { return Ok(false) };
    let (from, to) = (index.at(asked), index.at(ended));
    let took_ms = to.as_ms().saturating_sub(from.as_ms());
    if took_ms <= BOUND_MS {
        return Ok(index.troubles().calm(Some(device), from, to, AFTERMATH_MS));
    }
    // Only what happens until the answer was due can have held it up so long, or the answer's own way.
    let due = At(from.0 + BOUND_MS * 1_000).min(to);
    if !index.troubles().calm(Some(device), from, due, AFTERMATH_MS) {
        return Ok(false);
    }
    Err(Violation {
        expected: format!("{} is answered within {BOUND_MS} ms", possessive(device)),
        observed: format!("after {took_ms} ms it is not yet, or only then, and no fault is near"),
        evidence: Story::new(index).link(asked).breaks(ended).tell(),
    })
}

#[cfg(test)]
mod tests {
    use system::protocol::ServerFrame;

    use super::*;
    use crate::scene::{Scene, held, vacuous, violated};
    use crate::trace::Trace;

    fn answered_after(mut scene: Scene, ms: u64) -> Scene {
        let request = scene.asks("ana/phone", "GET", "/api/v1/rooms", None, "");
        scene.wait_ms(ms);
        scene.answers("ana/phone", request, 200, &());
        scene
    }

    #[test]
    fn an_answer_that_comes_late_is_a_violation() {
        let violation = violated(&Answers, &answered_after(Scene::company(), 1_200).ends());
        assert_eq!(violation.expected, "ana's phone is answered within 960 ms");
    }

    #[test]
    fn an_acknowledgement_that_comes_late_or_never_is_a_violation() {
        let mut scene = Scene::company();
        let event = scene.says("ana/phone", "general", "m1");
        scene.wait_ms(2_000);
        scene.acknowledges("ana/phone", &event);
        violated(&Answers, &scene.ends());
        let mut scene = Scene::company();
        scene.says("ana/phone", "general", "m1");
        scene.wait_ms(2_000);
        scene.receives("ana/phone", ServerFrame::Ping);
        violated(&Answers, &scene.ends());
    }

    #[test]
    fn an_answer_in_time_holds_and_one_that_a_fault_held_up_is_passed_over() {
        held(&Answers, &answered_after(Scene::company(), 900).ends());
        let mut scene = Scene::company();
        scene.fault("cut", "cut ana/phone");
        held(&Answers, &answered_after(scene, 5_000).ends());
    }

    #[test]
    fn where_nobody_asks_there_is_nothing_to_check() {
        vacuous(&Answers, &Trace::default());
    }
}
