//! `connections/shutdown`: on a planned stop everybody is told, and closed with the code for it; requests are answered.
//!
//! When the server is told to stop is known by its own word, the line `stopping` of its log: a stop that is told of by nothing
//! is judged by connections/closing and recovery/within-30s only. A stop that ends as anything but a stop, because the
//! process was killed in it, is not judged.

use system::protocol::{CloseCode, ServerFrame};

use crate::index::{Connection, Index, Request};
use crate::property::{Property, Verdict, Violation};
use crate::story::Story;
use crate::telling::possessive;
use crate::trace::{At, Observation, ServerChange};

/// See the module.
pub(crate) struct Shutdown;

/// How long before the stop a request must have been sent to be with the server by then, where nothing holds it up.
const ON_THE_WAY_MS: u64 = 1_000;

/// How long ago what held a connection up must have ended: what was lost six times has come by then.
const AFTERMATH_MS: u64 = 15_000;

impl Property for Shutdown {
    fn id(&self) -> &'static str {
        "connections/shutdown"
    }

    fn statement(&self) -> &'static str {
        "when the server is told to stop, each connection is told so and closed with 1012 or 1001, and each request that \
         it has is answered"
    }

    fn requirements(&self) -> &'static [&'static str] {
        &["WS-8", "CG-7", "PROTOCOL 12"]
    }

    fn does_not_verify(&self) -> &'static str {
        "connections that something holds up, those that end by themselves meanwhile, stops in which the process dies, nor \
         how long a stop takes; that nothing acknowledged is lost, which durability/acknowledged does"
    }

    fn check(&self, index: &Index<'_>) -> Verdict {
        Verdict::from_check(check(index), "the server was never told to stop while somebody was connected")
    }
}

fn check(index: &Index<'_>) -> Result<u64, Violation> {
    let mut checked = 0;
    for stop in stops(index) {
        for connection in &index.connections {
            checked += u64::from(stop.check_connection(index, connection)?);
        }
        checked += stop.check_requests(index)?;
    }
    Ok(checked)
}

/// One stop: from the server's word to its end.
#[derive(Clone, Copy)]
struct Stop {
    /// Since when this process accepts connections: those from before are with a dead one.
    since: usize,
    told: usize,
    stopped: usize,
}

fn stops(index: &Index<'_>) -> Vec<Stop> {
    let (mut stops, mut told, mut since) = (Vec::new(), None, 0);
    for (entry, observed) in index.trace.entries.iter().enumerate() {
        match &observed.what {
            Observation::Logged { message, .. } if &**message == "stopping" => told = Some(entry),
            Observation::Server { change: ServerChange::Stopped, .. } => {
                stops.extend(told.take().map(|told| Stop { since, told, stopped: entry }));
            }
            Observation::Server { change, .. } => {
                told = None;
                if *change == ServerChange::Listening {
                    since = entry;
                }
            }
            _ => {}
        }
    }
    stops
}

impl Stop {
    /// Whether the connection was there to be closed.
    fn check_connection(self, index: &Index<'_>, connection: &Connection<'_>) -> Result<bool, Violation> {
        let (Some((welcomed, _)), Some(closed)) = (connection.welcome(), connection.closed) else { return Ok(false) };
        if welcomed < self.since
            || welcomed > self.told
            || closed < self.told
            || !self.is_judged(index, connection.device, self.told, closed)
        {
            return Ok(false);
        }
        let Observation::ConnectionClosed { code, reason, .. } = index.what(closed) else { return Ok(false) };
        // Who leaves in that very moment may still be answered with 1012, and does not listen any more.
        if &**reason == LEFT_BY_ITSELF {
            return Ok(false);
        }
        let is_right = code.is_some_and(|code| {
            [CloseCode::ServiceRestart, CloseCode::GoingAway].into_iter().any(|right| right.number() == code)
        });
        let told = connection.received().any(|(_, frame)| matches!(frame, ServerFrame::Closing(_)));
        let (expected, observed) = match (is_right, told) {
            (true, true) => return Ok(true),
            (true, false) => ("is told that the server stops before it is closed", "it was not"),
            (false, _) if code.is_none() && !is_torn(reason) => return Ok(false),
            // It ended otherwise before its turn: its token, its session, its own goodbye.
            (false, _) if code.is_some() && closed < self.stopped => return Ok(false),
            (false, _) => ("is closed with 1012 when the server stops", "it is not"),
        };
        Err(Violation {
            expected: format!("{} {expected}", possessive(connection.device)),
            observed: observed.to_owned(),
            evidence: Story::new(index).link(welcomed).link(self.told).link(self.stopped).breaks(closed).tell(),
        })
    }

    /// How many requests were with the server when it was told to stop.
    fn check_requests(self, index: &Index<'_>) -> Result<u64, Violation> {
        let mut checked = 0;
        let latest = At(index.at(self.told).0.saturating_sub(ON_THE_WAY_MS * 1_000));
        let was_there = |request: &&Request<'_>| request.entry > self.since && index.at(request.entry) <= latest;
        for request in index.requests.iter().take_while(|request| request.entry < self.told).filter(was_there) {
            let answered = request.answer.map(|answer| answer.entry);
            let Some(ended) = answered.or(request.lost).filter(|ended| *ended > self.told) else { continue };
            if !self.is_judged(index, request.device, request.entry, ended) {
                continue;
            }
            if answered.is_none() {
                return Err(Violation {
                    expected: format!(
                        "{} is answered what it asked before the server stopped",
                        possessive(request.device)
                    ),
                    observed: "no answer came".to_owned(),
                    evidence: Story::new(index).link(request.entry).link(self.told).breaks(ended).tell(),
                });
            }
            checked += 1;
        }
        Ok(checked)
    }

    fn is_judged(self, index: &Index<'_>, device: &str, from: usize, to: usize) -> bool {
        let (from, to) = (index.at(from.min(self.told)), index.at(to.max(self.stopped)));
        let troubles = index.troubles();
        troubles.link_is_calm(device, from, to, AFTERMATH_MS) && troubles.machine_is_calm(from, to, AFTERMATH_MS)
    }
}

/// How the client says that its device wanted to close the connection.
const LEFT_BY_ITSELF: &str = "closed by this client";

/// Whether a connection that ended without a code was torn, rather than left by its device: by the words of the client.
fn is_torn(reason: &str) -> bool {
    ["reading: ", "writing: ", "the stream ended", "closed by the server"].iter().any(|torn| reason.starts_with(torn))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use system::protocol;

    use super::*;
    use crate::scene::{Scene, chain, held, vacuous, violated};

    fn told_to_stop() -> Scene {
        let mut scene = Scene::company();
        scene.fault("restart", "restart the server, down for 0.500 s");
        let fields = BTreeMap::new();
        scene.observe(Observation::Logged { level: "INFO".into(), message: "stopping".into(), fields });
        scene
    }

    fn told(scene: &mut Scene, device: &str) {
        let closing = protocol::Closing { code: 1012, reconnect: true, retry_after_ms: 200 };
        scene.receives(device, ServerFrame::Closing(closing));
    }

    fn torn(scene: &mut Scene, device: &str) {
        scene.devices.get_mut(device).unwrap().open = false;
        let (connection, reason) = (scene.devices[device].connection, "the stream ended".to_owned());
        scene.observe(Observation::ConnectionClosed { device: device.into(), connection, code: None, reason });
    }

    /// Ben's phone is treated well, and the server is started again.
    fn ends(mut scene: Scene) -> crate::trace::Trace {
        told(&mut scene, "ben/phone");
        scene.is_closed("ben/phone", 1012);
        scene.server(ServerChange::Stopped);
        scene.server(ServerChange::Started);
        scene.server(ServerChange::Listening);
        scene.ends()
    }

    #[test]
    fn a_connection_that_is_torn_is_a_violation() {
        let mut scene = told_to_stop();
        torn(&mut scene, "ana/phone");
        let violation = violated(&Shutdown, &ends(scene));
        assert_eq!(violation.expected, "ana's phone is closed with 1012 when the server stops");
        assert!(chain(&violation).len() >= 4, "{:#?}", chain(&violation));
    }

    #[test]
    fn a_connection_that_is_closed_without_a_word_is_a_violation() {
        let mut scene = told_to_stop();
        scene.is_closed("ana/phone", 1012);
        let violation = violated(&Shutdown, &ends(scene));
        assert_eq!(violation.expected, "ana's phone is told that the server stops before it is closed");
    }

    #[test]
    fn a_request_that_is_given_up_is_a_violation() {
        let mut scene = Scene::company();
        let request = scene.asks("ana/phone", "GET", "/api/v1/rooms", None, "");
        scene.wait_ms(2_000);
        let fields = BTreeMap::new();
        scene.observe(Observation::Logged { level: "INFO".into(), message: "stopping".into(), fields });
        told(&mut scene, "ana/phone");
        scene.is_closed("ana/phone", 1012);
        let (device, reason) = ("ana/phone".into(), "the stream ended".to_owned());
        scene.observe(Observation::AnswerLost { device, request, reason });
        assert_eq!(violated(&Shutdown, &ends(scene)).observed, "no answer came");
    }

    #[test]
    fn a_stop_as_it_should_be_holds_and_what_is_held_up_is_passed_over() {
        let mut scene = told_to_stop();
        told(&mut scene, "ana/phone");
        scene.is_closed("ana/phone", 1001);
        held(&Shutdown, &ends(scene));
        let mut scene = told_to_stop();
        scene.fault("cut", "cut ana/phone");
        torn(&mut scene, "ana/phone");
        held(&Shutdown, &ends(scene));
    }

    #[test]
    fn a_connection_to_a_process_that_died_before_is_not_told_anything() {
        let mut scene = Scene::company();
        scene.server(ServerChange::Killed);
        scene.server(ServerChange::Started);
        scene.server(ServerChange::Listening);
        let fields = BTreeMap::new();
        scene.observe(Observation::Logged { level: "INFO".into(), message: "stopping".into(), fields });
        torn(&mut scene, "ana/phone");
        vacuous(&Shutdown, &ends(scene));
    }

    #[test]
    fn a_stop_in_which_the_process_dies_is_not_judged() {
        let mut scene = told_to_stop();
        torn(&mut scene, "ana/phone");
        scene.server(ServerChange::Killed);
        vacuous(&Shutdown, &scene.ends());
    }

    #[test]
    fn where_nobody_stops_the_server_there_is_nothing_to_check() {
        vacuous(&Shutdown, &Scene::company().ends());
    }
}
