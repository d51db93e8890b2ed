//! Bursts in the middle of which something breaks: a connection, or the server (CG-1, CG-3, CG-7).

use proptest::prelude::*;
use proptest::strategy::BoxedStrategy;

use super::scene::Scene;
use super::stage::{Stage, speak};
use crate::history::profile::BURST_STEPS;
use crate::operations::{Action, ReadRoom};

/// The faults that break connections.
pub(super) const BREAKS: &[&str] = &["cut", "stall", "reset", "half_open", "slow_reader", "loss"];
/// The faults that end the server without a word.
pub(super) const CRASHES: &[&str] = &["kill", "power_loss", "slow_start", "recovery_crash"];

/// A burst with a crash, if the profile has crashes.
pub(in crate::history) fn crash_if_any(stage: &Stage) -> Option<BoxedStrategy<Scene>> {
    CRASHES.iter().any(|fault| stage.has_fault(fault)).then(|| crash(stage))
}

/// The server crashes within milliseconds of several messages. A server that acknowledges before its commit is durable
/// then forgets what it promised.
pub(super) fn crash(stage: &Stage) -> BoxedStrategy<Scene> {
    stage.in_some_room(|stage, room| {
        let fault = stage.fault_of(|name| CRASHES.contains(&name)).expect("the kind needs a crash");
        let talk = stage.talk(room, BURST_STEPS..=10, 80);
        let room = room.name.clone();
        let readers = prop::collection::vec((200_u64..=2_000, stage.device()), 0..=2);
        (talk, 0_u64..=100, fault, readers)
            .prop_map(move |(talk, after_ms, fault, readers)| {
                let back_ms = after_ms + fault.lasts_ms();
                let read = |(later_ms, device)| Scene::one(later_ms, ReadRoom { device, room: room.clone() });
                talk.and(after_ms, Scene::one(0, Action::Fault(fault)))
                    .and(back_ms, readers.into_iter().map(read).collect())
            })
            .boxed()
    })
}

/// A connection breaks in the middle of a talk, mostly a speaker's: its messages are sent again, once each.
pub(super) fn breakage(stage: &Stage) -> BoxedStrategy<Scene> {
    stage.in_some_room(|stage, room| {
        let (inner, room) = (stage.clone(), room.clone());
        stage
            .speaker(&room)
            .prop_flat_map(move |device| {
                let fault = inner.fault_near(&device, |name| BREAKS.contains(&name)).expect("the kind needs a break");
                let own = prop::collection::vec(0_u64..=80, 1..=3);
                let room = room.clone();
                (inner.talk(&room, BURST_STEPS..=9, 100), own, 0_u64..=100, fault).prop_map(
                    move |(talk, own, after_ms, fault)| {
                        let say = |at| Scene::one(at, speak(device.clone(), &room, false));
                        talk.and(0, own.into_iter().map(say).collect())
                            .and(after_ms, Scene::one(0, Action::Fault(fault)))
                    },
                )
            })
            .boxed()
    })
}
