//! `ordering/commit-order`: across streams, too, a connection gets events in the order of their commits.
//!
//! A client that is told of two rooms by one connection may rely on cause coming before effect. What counts, so that
//! the server is never accused of what it may do:
//!
//! - The order is that in which the server told of its commits. An event whose commit it did not tell of (it died in
//!   between), or told of twice, is passed over.
//! - Events of one mutation (of one correlation id) are one commit, and have no order among streams.
//! - All that follows a welcome is in order, what it recovers included. A later subscription replays its stream behind
//!   what was pushed already, so that stream's events up to the commit that the server can have known when the
//!   `subscribed` arrived are passed over: neither judged nor measured against.

use std::collections::BTreeMap;

use system::protocol::{Event, ServerFrame, StreamId};

use crate::index::{Connection, Index};
use crate::property::{Property, Verdict, Violation};
use crate::story::Story;
use crate::telling::{self, possessive};

/// See the module.
pub(crate) struct CommitOrder;

impl Property for CommitOrder {
    fn id(&self) -> &'static str {
        "ordering/commit-order"
    }

    fn statement(&self) -> &'static str {
        "a connection gets the events of all its streams in the order of their commits, but for what a later \
         subscription replays"
    }

    fn requirements(&self) -> &'static [&'static str] {
        &["CG-2", "PROTOCOL 3"]
    }

    fn does_not_verify(&self) -> &'static str {
        "the order of events of one mutation, of what a subscription after the welcome replays, nor of commits that the \
         server did not tell of because it died"
    }

    fn check(&self, index: &Index<'_>) -> Verdict {
        Verdict::from_check(check(index), "no connection got events of two streams")
    }
}

fn check(index: &Index<'_>) -> Result<u64, Violation> {
    let mut checked = 0;
    for connection in &index.connections {
        checked += check_connection(index, connection)?;
    }
    Ok(checked)
}

/// The event with the latest commit so far.
#[derive(Clone, Copy)]
struct Latest<'t> {
    committed: usize,
    entry: usize,
    event: &'t Event,
}

fn check_connection(index: &Index<'_>, connection: &Connection<'_>) -> Result<u64, Violation> {
    let mut checked = 0;
    let mut latest: Option<Latest<'_>> = None;
    let mut replayed_until: BTreeMap<StreamId, usize> = BTreeMap::new();
    for (entry, frame) in connection.received() {
        let event = match frame {
            ServerFrame::Subscribed(_, subscribed) => {
                replayed_until.insert(subscribed.stream, index.log.horizon(entry));
                continue;
            }
            ServerFrame::Event(event) => event,
            _ => continue,
        };
        let Some(committed) = index.log.committed(event.stream, event.seq) else { continue };
        if replayed_until.get(&event.stream).is_some_and(|until| committed <= *until) {
            continue;
        }
        match latest {
            Some(before) if committed < before.committed => {
                if event.correlation_id != before.event.correlation_id {
                    return Err(out_of_order(index, connection, (entry, event), before));
                }
            }
            _ => {
                checked += u64::from(latest.is_some_and(|before| before.event.stream != event.stream));
                latest = Some(Latest { committed, entry, event });
            }
        }
    }
    Ok(checked)
}

fn out_of_order(
    index: &Index<'_>,
    connection: &Connection<'_>,
    (entry, event): (usize, &Event),
    before: Latest<'_>,
) -> Violation {
    let (earlier, later) = (telling::event(index.names(), event), telling::event(index.names(), before.event));
    Violation {
        expected: format!("{} reads {earlier} before {later}, as they were committed", possessive(connection.device)),
        observed: format!("{later}, then {earlier}"),
        evidence: Story::new(index)
            .commit(event.stream, event.seq)
            .commit(before.event.stream, before.event.seq)
            .link(before.entry)
            .breaks(entry)
            .tell(),
    }
}

#[cfg(test)]
mod tests {
    use system::protocol::{Epoch, Role, StreamState, Visibility};

    use super::*;
    use crate::scene::{Scene, chain, held, vacuous, violated};

    #[test]
    fn events_of_two_streams_in_the_wrong_order_are_a_violation() {
        let mut scene = Scene::company();
        let earlier = scene.says("ben/phone", "general", "m1");
        let later = scene.has_user("cleo", Role::Member);
        scene.gets("ana/phone", &later);
        scene.gets("ana/phone", &earlier);
        let violation = violated(&CommitOrder, &scene.ends());
        assert_eq!(
            violation.expected,
            "ana's phone reads general#5 message.created \"m1\" before company#6 user.created (cleo is a member), as they were committed"
        );
        assert_eq!(
            violation.observed,
            "company#6 user.created (cleo is a member), then general#5 message.created \"m1\""
        );
        assert_eq!(
            chain(&violation),
            [
                "server: committed general#5 message.created \"m1\"",
                "server: committed company#6 user.created (cleo is a member)",
                "ana/phone: receives company#6 user.created (cleo is a member)",
                "ana/phone: receives general#5 message.created \"m1\" <- breaks it",
            ]
        );
    }

    #[test]
    fn what_a_later_subscription_replays_is_no_violation() {
        let mut scene = Scene::company();
        let earlier = scene.says("ben/phone", "general", "m1");
        let later = scene.has_user("cleo", Role::Member);
        scene.gets("ana/phone", &later);
        let stream = earlier.stream;
        let state = StreamState { stream, seq: earlier.seq - 1, epoch: Epoch(1), recovered: true };
        scene.receives("ana/phone", ServerFrame::Subscribed(None, state));
        scene.gets("ana/phone", &earlier);
        scene.has_room("den", Visibility::Private, &[]);
        let live = scene.says("ben/phone", "general", "m2");
        scene.gets("ana/phone", &live);
        held(&CommitOrder, &scene.ends());
    }

    #[test]
    fn a_live_event_after_a_subscription_is_judged() {
        let mut scene = Scene::company();
        let first = scene.has_user("cleo", Role::Member);
        scene.gets("ana/phone", &first);
        let stream = scene.room_stream("general");
        let state = StreamState { stream, seq: 4, epoch: Epoch(1), recovered: true };
        scene.receives("ana/phone", ServerFrame::Subscribed(None, state));
        scene.has_room("den", Visibility::Private, &[]);
        let earlier = scene.says("ben/phone", "general", "m1");
        let later = scene.has_user("dora", Role::Member);
        scene.gets("ana/phone", &later);
        scene.gets("ana/phone", &earlier);
        let violation = violated(&CommitOrder, &scene.ends());
        assert_eq!(
            violation.observed,
            "company#7 user.created (dora is a member), then general#5 message.created \"m1\""
        );
    }

    #[test]
    fn the_events_of_one_mutation_have_no_order() {
        let mut scene = Scene::company();
        let joined = scene.adds("ben", "general", "ana");
        let own = scene.logs[&StreamId::User(scene.user("ana"))].last().unwrap().clone();
        scene.gets("ana/phone", &own);
        scene.gets("ana/phone", &joined);
        let next = scene.says("ben/phone", "general", "m1");
        scene.gets("ana/phone", &next);
        held(&CommitOrder, &scene.ends());
    }

    #[test]
    fn one_stream_alone_has_nothing_to_check() {
        let mut scene = Scene::company();
        let event = scene.says("ana/phone", "general", "m1");
        scene.all_get(&event);
        vacuous(&CommitOrder, &scene.ends());
    }
}
