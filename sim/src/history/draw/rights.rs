//! Bursts in which rights change while they are used (IT-7, IT-14, IT-E3).

use proptest::prelude::*;
use proptest::strategy::BoxedStrategy;
use system::protocol::Role;

use super::scene::Scene;
use super::stage::{Stage, speak};
use crate::history::profile::BURST_STEPS;
use crate::history::{RoomPlan, UserPlan};
use crate::operations::{Action, AddMember, ChangeRole, Close, Deactivate, Open, ReadRoom, RemoveMember};

/// Somebody is removed from a room in the middle of a talk, and tries to go on; at times they are added again.
pub(super) fn removal(stage: &Stage) -> BoxedStrategy<Scene> {
    with_member(stage, |stage, room, user| {
        let (room, user) = (room.clone(), user.clone());
        let moment = (5_u64..=60, stage.manager(&room));
        let talk = stage.talk(&room, BURST_STEPS..=9, 70);
        let goes_on = attempts(stage, &room, &user);
        let added_again = prop::option::weighted(0.4, (300_u64..=4_000, stage.manager(&room)));
        (talk, moment, goes_on, added_again)
            .prop_map(move |(talk, (after_ms, device), goes_on, added_again)| {
                let (room, user) = (room.name.clone(), user.name.clone());
                let remove = RemoveMember { device, room: room.clone(), user: user.clone() };
                let scene = talk.and(after_ms, Scene::one(0, remove)).and(after_ms, goes_on);
                match added_again {
                    Some((later_ms, device)) => scene.and(later_ms, Scene::one(0, AddMember { device, room, user })),
                    None => scene,
                }
            })
            .boxed()
    })
}

/// Somebody's role changes in the middle of a talk, and back at times.
pub(super) fn demotion(stage: &Stage) -> BoxedStrategy<Scene> {
    with_member(stage, |stage, room, user| {
        let role = prop_oneof![4 => Just(Role::Guest), 2 => Just(Role::Member), 1 => Just(Role::Admin)];
        let moment = (5_u64..=60, stage.chief(Some(user)), role);
        let talk = stage.talk(room, BURST_STEPS..=9, 70);
        let goes_on = attempts(stage, room, user);
        let back = prop::option::weighted(0.5, (300_u64..=4_000, stage.chief(Some(user))));
        let user = user.clone();
        (talk, moment, goes_on, back)
            .prop_map(move |(talk, (after_ms, device, role), goes_on, back)| {
                let change = |device, role| ChangeRole { device, user: user.name.clone(), role };
                let scene = talk.and(after_ms, Scene::one(0, change(device, role))).and(after_ms, goes_on);
                match back {
                    Some((later_ms, device)) => scene.and(later_ms, Scene::one(0, change(device, user.role))),
                    None => scene,
                }
            })
            .boxed()
    })
}

/// Two add and remove the same user at the same time, in a busy room.
pub(super) fn tug_of_war(stage: &Stage) -> BoxedStrategy<Scene> {
    with_member(stage, |stage, room, user| {
        let (name, user) = (room.name.clone(), user.name.clone());
        let pull = (0_u64..=15, stage.manager(room), any::<bool>()).prop_map(move |(after_ms, device, add)| {
            let (room, user) = (name.clone(), user.clone());
            let action: Action =
                if add { AddMember { device, room, user }.into() } else { RemoveMember { device, room, user }.into() };
            Scene::one(after_ms, action)
        });
        let pulls = prop::collection::vec(pull, 2..=4).prop_map(Scene::from_iter);
        (stage.talk(room, BURST_STEPS..=8, 40), pulls).prop_map(|(talk, pulls)| talk.and(0, pulls)).boxed()
    })
}

/// Somebody is deactivated in the middle of a talk, and tries to go on and to come back (WS-5).
pub(in crate::history) fn deactivation(stage: &Stage) -> BoxedStrategy<Scene> {
    with_member(stage, |stage, room, user| {
        let moment = (5_u64..=60, stage.chief(Some(user)));
        let talk = stage.talk(room, BURST_STEPS..=8, 70);
        let returns = (stage.device_of(user), 300_u64..=3_000);
        let goes_on = attempts(stage, room, user);
        let user = user.name.clone();
        (talk, moment, goes_on, returns)
            .prop_map(move |(talk, (after_ms, device), goes_on, (returning, later_ms))| {
                let deactivate = Deactivate { device, user: user.clone() };
                let close = Scene::one(later_ms, Close { device: returning.clone() });
                let open = Scene::one(later_ms + 50, Open { device: returning });
                talk.and(after_ms, Scene::one(0, deactivate))
                    .and(after_ms, goes_on)
                    .and(after_ms, close)
                    .and(after_ms, open)
            })
            .boxed()
    })
}

/// What `user` tries in `room` right afterwards.
fn attempts(stage: &Stage, room: &RoomPlan, user: &UserPlan) -> BoxedStrategy<Scene> {
    let room = room.clone();
    let attempt = (0_u64..=500, stage.device_of(user), 0..4).prop_map(move |(after_ms, device, which)| {
        let action = match which {
            0 => ReadRoom { device, room: room.name.clone() }.into(),
            1 => speak(device, &room, true),
            _ => speak(device, &room, false),
        };
        Scene::one(after_ms, action)
    });
    prop::collection::vec(attempt, 1..=3).prop_map(Scene::from_iter).boxed()
}

/// A scene about somebody who, mostly, is in the room.
fn with_member(
    stage: &Stage,
    scene: impl Fn(&Stage, &RoomPlan, &UserPlan) -> BoxedStrategy<Scene> + Clone + 'static,
) -> BoxedStrategy<Scene> {
    stage.in_some_room(move |stage, room| {
        let (inner, room, scene) = (stage.clone(), room.clone(), scene.clone());
        stage.member(&room).prop_flat_map(move |user| scene(&inner, &room, &user)).boxed()
    })
}
