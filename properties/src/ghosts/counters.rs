//! `ghosts/counters`: when all is quiet, what the server counts is what is there.
//!
//! Half of the users have left then, and nobody asks for anything. The server's gauges are compared with what the devices
//! themselves hold open and follow: each too many is a ghost, each too few a client that hears nothing and does not know.

use std::collections::BTreeSet;

use system::protocol::{ServerFrame, StreamId};

use crate::index::{Connection, Index};
use crate::property::{Property, Verdict, Violation};
use crate::story::Story;
use crate::trace::Observation;

/// See the module.
pub(crate) struct Counters;

impl Property for Counters {
    fn id(&self) -> &'static str {
        "ghosts/counters"
    }

    fn statement(&self) -> &'static str {
        "when nobody asks for anything, the server counts as many connections, subscriptions and users there as the \
         devices hold"
    }

    fn requirements(&self) -> &'static [&'static str] {
        &["CG-6", "WS-4", "WS-9", "WS-P4"]
    }

    fn does_not_verify(&self) -> &'static str {
        "counters that only grow, nor gauges in the storm; a moment in which a device is about to come back"
    }

    fn check(&self, index: &Index<'_>) -> Verdict {
        Verdict::from_check(check(index), "nobody read the server's gauges while somebody was connected")
    }
}

/// How long a dead connection may go unnoticed (WS-3).
const FOUND_WITHIN_MS: u64 = 60_000;

fn check(index: &Index<'_>) -> Result<u64, Violation> {
    let mut checked = 0;
    for (entry, observed) in index.trace.entries.iter().enumerate() {
        let Observation::LiveObjects { gauges } = &observed.what else { continue };
        let there = There::at(index, entry);
        // Who is between two connections is neither there nor gone.
        if there.connections == 0 || there.unwelcomed > 0 {
            continue;
        }
        // Nor does the server know yet of a connection that died without a word. That it finds out in time
        // ghosts/dead-connections says.
        if index.troubles().may_have_left_dead_connections(observed.at, FOUND_WITHIN_MS) {
            continue;
        }
        let counts = [
            ("websocket_connections", there.connections, "connections"),
            ("websocket_subscriptions", there.subscriptions, "subscriptions"),
            ("presence_entries", there.users.len(), "users who are there"),
        ];
        for (gauge, held, what) in counts {
            let Some(counted) = gauges.get(gauge) else { continue };
            if usize::try_from(*counted) != Ok(held) {
                return Err(Violation {
                    expected: format!("the server counts {held} {what}, as many as the devices hold"),
                    observed: format!("it counts {counted}"),
                    evidence: Story::new(index).link(there.last).breaks(entry).tell(),
                });
            }
            checked += 1;
        }
    }
    Ok(checked)
}

/// What the devices hold at a moment.
#[derive(Default)]
struct There<'t> {
    connections: usize,
    subscriptions: usize,
    unwelcomed: usize,
    users: BTreeSet<&'t system::protocol::UserId>,
    /// The last end of a connection before.
    last: Option<usize>,
}

impl<'t> There<'t> {
    fn at(index: &'t Index<'_>, entry: usize) -> Self {
        let mut there = Self::default();
        for connection in &index.connections {
            if connection.frames.first().is_none_or(|first| first.entry > entry) {
                continue;
            }
            if let Some(closed) = connection.closed.filter(|closed| *closed < entry) {
                there.last = there.last.max(Some(closed));
            } else if connection.welcome().is_some_and(|(welcomed, _)| welcomed < entry) {
                there.connections += 1;
                there.subscriptions += followed(connection, entry).len();
                there.users.extend(&connection.user);
            } else {
                there.unwelcomed += 1;
            }
        }
        there
    }
}

/// What a connection follows at a moment.
fn followed(connection: &Connection<'_>, by: usize) -> BTreeSet<StreamId> {
    let mut followed = BTreeSet::new();
    for (_, frame) in connection.received().take_while(|(entry, _)| *entry < by) {
        match frame {
            ServerFrame::Welcome(_, welcome) => {
                followed = welcome.streams.iter().map(|state| state.stream).collect();
            }
            ServerFrame::Subscribed(_, state) => _ = followed.insert(state.stream),
            ServerFrame::Unsubscribed(_, unsubscribed) => _ = followed.remove(&unsubscribed.stream),
            _ => {}
        }
    }
    followed
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::{Scene, held, vacuous, violated};
    use crate::trace::Trace;

    /// A quiet scene in which the server counts something else.
    fn counts(gauge: &'static str, count: i64) -> Trace {
        let mut trace = Scene::company().ends();
        let read = trace.entries.iter_mut().find_map(|entry| match &mut entry.what {
            Observation::LiveObjects { gauges } => Some(gauges),
            _ => None,
        });
        read.expect("a scene reads the gauges").insert(gauge.into(), count);
        trace
    }

    #[test]
    fn a_count_that_is_not_what_is_there_is_a_violation() {
        for (gauge, count, held) in [
            ("websocket_connections", 2, "1 connections"),
            ("websocket_subscriptions", 2, "3 subscriptions"),
            ("presence_entries", 2, "1 users who are there"),
        ] {
            let violation = violated(&Counters, &counts(gauge, count));
            assert_eq!(violation.expected, format!("the server counts {held}, as many as the devices hold"));
            assert_eq!(violation.observed, format!("it counts {count}"));
        }
    }

    #[test]
    fn a_server_that_counts_right_holds() {
        held(&Counters, &counts("websocket_subscriptions", 3));
    }

    #[test]
    fn where_nobody_looks_there_is_nothing_to_check() {
        vacuous(&Counters, &Trace::default());
    }
}
