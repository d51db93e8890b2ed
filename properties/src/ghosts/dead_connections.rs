//! `ghosts/dead-connections`: the server lets go of a connection within a minute of its end on the device.
//!
//! The server's log tells when it began and ended to hold each of a user's connections, and the trace when their devices
//! did. Which is which nobody tells, so they are counted: of one user the server never holds more connections that are older
//! than a minute than the user's devices have held within that minute.

use std::collections::BTreeMap;

use crate::index::Index;
use crate::property::{Property, Verdict, Violation};
use crate::story::Story;
use crate::trace::{At, Observation, ServerChange};

/// See the module.
pub(crate) struct DeadConnections;

/// After how long a dead connection is gone (WS-3).
const GONE_MS: u64 = 60_000;

/// How long after the server a device may begin to hold a connection: the time for its hello, and what a network holds back.
const ON_THE_WAY_MS: u64 = 15_000;

impl Property for DeadConnections {
    fn id(&self) -> &'static str {
        "ghosts/dead-connections"
    }

    fn statement(&self) -> &'static str {
        "the server holds no connection for longer than 60 s after its device has lost it"
    }

    fn requirements(&self) -> &'static [&'static str] {
        &["WS-3", "CG-6", "PROTOCOL 10"]
    }

    fn does_not_verify(&self) -> &'static str {
        "connections of which the server's log does not tell; nor which of a user's connections is held too long"
    }

    fn check(&self, index: &Index<'_>) -> Verdict {
        Verdict::from_check(check(index), "the server told of no connection that it had held")
    }
}

/// A connection as the server holds it: from an entry to another.
#[derive(Clone, Copy)]
struct Held {
    from: usize,
    to: Option<usize>,
}

fn check(index: &Index<'_>) -> Result<u64, Violation> {
    let mut checked = 0;
    for (user, held) in held(index) {
        for connection in &held {
            let end = connection.to.unwrap_or(index.trace.entries.len() - 1);
            let now = index.at(end);
            let then = At(now.0.saturating_sub(GONE_MS * 1_000));
            let is_old = |held: &Held| index.at(held.from) < then && held.to.is_none_or(|to| to >= end);
            let by_server = held.iter().filter(|held| is_old(held)).count();
            let by_devices = by_devices(index, &user, then);
            if by_server > by_devices {
                return Err(Violation {
                    expected: format!(
                        "of {} the server holds at most {by_devices} connections that are older than 60 s",
                        name(index, &user)
                    ),
                    observed: format!("it holds {by_server}"),
                    evidence: Story::new(index).link(connection.from).breaks(end).tell(),
                });
            }
            checked += 1;
        }
    }
    Ok(checked)
}

/// The connections of each user, as the server's log tells of them.
fn held(index: &Index<'_>) -> BTreeMap<String, Vec<Held>> {
    let mut held: BTreeMap<String, Vec<Held>> = BTreeMap::new();
    let mut alive: BTreeMap<&str, (&str, usize)> = BTreeMap::new();
    for (entry, observed) in index.trace.entries.iter().enumerate() {
        match &observed.what {
            Observation::Logged { message, fields, .. } => {
                let (Some(connection), Some(user)) = (fields.get("connection"), fields.get("user")) else { continue };
                match &**message {
                    "connected" => {
                        let of_user = held.entry(user.clone()).or_default();
                        alive.insert(connection, (user, of_user.len()));
                        of_user.push(Held { from: entry, to: None });
                    }
                    "disconnected" => {
                        if let Some((user, place)) = alive.remove(connection.as_str()) {
                            end(&mut held, user, place, entry);
                        }
                    }
                    _ => {}
                }
            }
            Observation::Server { change, .. } if *change != ServerChange::Listening => {
                for (user, place) in std::mem::take(&mut alive).into_values() {
                    end(&mut held, user, place, entry);
                }
            }
            _ => {}
        }
    }
    held
}

fn end(held: &mut BTreeMap<String, Vec<Held>>, user: &str, place: usize, entry: usize) {
    if let Some(connection) = held.get_mut(user).and_then(|held| held.get_mut(place)) {
        connection.to = Some(entry);
    }
}

/// How many connections the devices of a user held since a moment, and had begun by then.
fn by_devices(index: &Index<'_>, user: &str, since: At) -> usize {
    let begun = At(since.0 + ON_THE_WAY_MS * 1_000);
    let of_user = index.connections.iter().filter(|connection| {
        let owner = connection.user.or_else(|| index.users.get(&**connection.device).copied());
        owner.is_some_and(|owner| owner.to_string() == user)
    });
    let held = of_user.filter(|connection| {
        connection.frames.first().is_some_and(|first| index.at(first.entry) <= begun)
            && connection.closed.is_none_or(|closed| index.at(closed) >= since)
    });
    held.count()
}

fn name(index: &Index<'_>, user: &str) -> String {
    user.parse().map_or_else(|_| user.to_owned(), |user| index.names().user(user))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::{Scene, held, vacuous, violated};

    fn logs(scene: &mut Scene, message: &'static str, connection: u32) {
        let user = scene.user("ana").to_string();
        let fields = BTreeMap::from([("connection".into(), connection.to_string()), ("user".into(), user)]);
        scene.observe(Observation::Logged { level: "INFO".into(), message: message.into(), fields });
    }

    /// Ana's phone loses a connection and comes back; the server lets go of the old one after a while.
    fn lost_for(ms: u64) -> Scene {
        let mut scene = Scene::company();
        logs(&mut scene, "connected", 7);
        scene.closes("ana/phone");
        scene.wait_ms(10);
        logs(&mut scene, "connected", 8);
        scene.opens("ana/phone");
        scene.wait_ms(ms);
        logs(&mut scene, "disconnected", 7);
        scene
    }

    #[test]
    fn a_dead_connection_that_is_held_for_longer_is_a_violation() {
        let violation = violated(&DeadConnections, &lost_for(62_000).ends());
        assert_eq!(violation.expected, "of ana the server holds at most 1 connections that are older than 60 s");
        assert_eq!(violation.observed, "it holds 2");
    }

    #[test]
    fn a_dead_connection_that_is_gone_in_time_holds() {
        held(&DeadConnections, &lost_for(27_000).ends());
    }

    #[test]
    fn a_server_that_dies_holds_nothing() {
        let mut scene = Scene::company();
        logs(&mut scene, "connected", 7);
        scene.closes("ana/phone");
        scene.server(ServerChange::Killed);
        scene.wait_ms(90_000);
        held(&DeadConnections, &scene.ends());
    }

    #[test]
    fn where_the_server_tells_of_no_connection_there_is_nothing_to_check() {
        vacuous(&DeadConnections, &Scene::company().ends());
    }
}
