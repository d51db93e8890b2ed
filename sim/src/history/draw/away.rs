//! Bursts around a device that is away and comes back: what a resume has to get right (CG-2, CG-3, IT-8, IT-E3).

use proptest::prelude::*;
use proptest::strategy::BoxedStrategy;

use super::scene::Scene;
use super::stage::Stage;
use crate::faults::{Cut, Direction, Fault, Target};
use crate::operations::{Action, Close, Open, RemoveMember};

/// How a device is away.
#[derive(Clone, Copy, Debug)]
enum Absence {
    /// It closed its connection.
    Closed,
    /// It does not know that it is cut off.
    Cut(Direction),
}

/// How long before and after a return messages are sent: more than a round trip.
const AROUND_MS: u64 = 80;

/// A user is removed from a room while their device is away, and the device comes back while others speak. A server that
/// checks rights only when a stream is first followed then hands over what was said since.
pub(super) fn removal_while_away(stage: &Stage) -> BoxedStrategy<Scene> {
    stage.in_some_room(|stage, room| {
        let (inner, room) = (stage.clone(), room.clone());
        stage
            .member(&room)
            .prop_flat_map(move |user| {
                let device = inner.device_of(&user);
                let remover = (100_u64..=1_000, inner.manager(&room));
                let meanwhile = inner.talk(&room, 3..=6, 1_500);
                let around = inner.talk(&room, 2..=4, 2 * AROUND_MS);
                let (room, user) = (room.name.clone(), user.name.clone());
                (device, absence(&inner), 1_800_u64..=6_000, remover, meanwhile, around).prop_map(
                    move |(device, absence, away_ms, (after_ms, remover), meanwhile, around)| {
                        let remove = RemoveMember { device: remover, room: room.clone(), user: user.clone() };
                        is_away(device, absence, away_ms)
                            .and(after_ms, Scene::one(0, remove))
                            .and(100, meanwhile)
                            .and(away_ms - AROUND_MS, around)
                    },
                )
            })
            .boxed()
    })
}

/// A device is away and comes back while others speak: the join must have neither gap nor repeat (promise 4 and 5).
pub(super) fn resume(stage: &Stage) -> BoxedStrategy<Scene> {
    stage.in_some_room(|stage, room| {
        let meanwhile = stage.talk(room, 2..=5, 1_000);
        let around = stage.talk(room, 3..=8, 2 * AROUND_MS);
        (stage.speaker(room), absence(stage), 300_u64..=5_000, meanwhile, around)
            .prop_map(|(device, absence, away_ms, meanwhile, around)| {
                is_away(device, absence, away_ms).and(50, meanwhile).and(away_ms - AROUND_MS, around)
            })
            .boxed()
    })
}

fn absence(stage: &Stage) -> BoxedStrategy<Absence> {
    let closed = Just(Absence::Closed);
    if !stage.has_fault("cut") {
        return closed.boxed();
    }
    prop_oneof![
        3 => closed,
        2 => Just(Absence::Cut(Direction::Both)),
        1 => Just(Absence::Cut(Direction::Down))
    ]
    .boxed()
}

fn is_away(device: String, absence: Absence, away_ms: u64) -> Scene {
    match absence {
        Absence::Closed => {
            let open = Scene::one(away_ms, Open { device: device.clone() });
            Scene::one(0, Close { device }).and(0, open)
        }
        Absence::Cut(direction) => {
            let target = Target::Device(device);
            Scene::one(0, Action::Fault(Fault::Cut(Cut { target, direction, for_ms: away_ms })))
        }
    }
}
