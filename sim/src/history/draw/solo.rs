//! What somebody does alone: scenes of one user step, or of a few that only make sense together.

use proptest::prelude::*;
use proptest::strategy::{BoxedStrategy, Union};
use system::protocol::{Role, Visibility};

use super::kind::Kind;
use super::scene::{NEW_ROOM, Scene};
use super::stage::{Stage, speak};
use crate::history::{Action, RoomPlan, UserPlan};

/// Every kind of user step and its strategy. Deactivations are rare and have a scene of their own.
pub(in crate::history) const KINDS: &[Kind] = &[
    Kind { name: "send", faults: &[], strategy: send },
    Kind { name: "post", faults: &[], strategy: post },
    Kind { name: "create_room", faults: &[], strategy: create_room },
    Kind { name: "add_member", faults: &[], strategy: add_member },
    Kind { name: "remove_member", faults: &[], strategy: remove_member },
    Kind { name: "change_role", faults: &[], strategy: change_role },
    Kind { name: "read_room", faults: &[], strategy: read_room },
    Kind { name: "refresh_token", faults: &[], strategy: refresh_token },
    Kind { name: "close", faults: &[], strategy: close_and_open },
];

fn send(stage: &Stage) -> BoxedStrategy<Scene> {
    in_some_room(stage, |stage, room| {
        let room = room.clone();
        stage.speaker(&room).prop_map(move |device| speak(device, &room, false)).boxed()
    })
}

fn post(stage: &Stage) -> BoxedStrategy<Scene> {
    in_some_room(stage, |stage, room| {
        let room = room.clone();
        stage.speaker(&room).prop_map(move |device| speak(device, &room, true)).boxed()
    })
}

/// A new room, and what its founder and the first guests do in it.
fn create_room(stage: &Stage) -> BoxedStrategy<Scene> {
    let visibility = prop_oneof![Just(Visibility::Public), Just(Visibility::Private)];
    let stage = stage.clone();
    (stage.founder(), visibility)
        .prop_flat_map(move |(founder, visibility)| {
            let creation = Action::CreateRoom { device: founder.clone(), room: NEW_ROOM.to_owned(), visibility };
            let newcomers = prop::collection::vec((200_u64..=3_000, stage.user()), 0..=3);
            let room = RoomPlan { name: NEW_ROOM.to_owned(), visibility, members: Vec::new() };
            let talk = prop::collection::vec((100_u64..=4_000, stage.device(), any::<bool>()), 0..=4);
            (newcomers, talk).prop_map(move |(newcomers, talk)| {
                let add = |(after_ms, user): (u64, UserPlan)| {
                    let (device, room) = (founder.clone(), NEW_ROOM.to_owned());
                    Scene::one(after_ms, Action::AddMember { device, room, user: user.name })
                };
                let say = |(after_ms, device, by_founder): (u64, String, bool)| {
                    let device = if by_founder { founder.clone() } else { device };
                    Scene::one(after_ms, speak(device, &room, false))
                };
                Scene::one(0, creation.clone())
                    .and(0, newcomers.into_iter().map(add).collect())
                    .and(0, talk.into_iter().map(say).collect())
            })
        })
        .boxed()
}

fn add_member(stage: &Stage) -> BoxedStrategy<Scene> {
    in_some_room(stage, |stage, room| {
        let name = room.name.clone();
        let added = (stage.manager(room), stage.user()).prop_map(|(device, user)| (device, user.name));
        prop_oneof![3 => added, 1 => joining(stage)]
            .prop_map(move |(device, user)| Action::AddMember { device, room: name.clone(), user })
            .boxed()
    })
}

fn remove_member(stage: &Stage) -> BoxedStrategy<Scene> {
    in_some_room(stage, |stage, room| {
        let name = room.name.clone();
        let removed = (stage.manager(room), stage.member(room)).prop_map(|(device, user)| (device, user.name));
        prop_oneof![4 => removed, 1 => joining(stage)]
            .prop_map(move |(device, user)| Action::RemoveMember { device, room: name.clone(), user })
            .boxed()
    })
}

fn change_role(stage: &Stage) -> BoxedStrategy<Scene> {
    (stage.chief(None), stage.user().prop_flat_map(|user| (another_role(user.role), Just(user))))
        .prop_map(|(device, (role, user))| Scene::one(0, Action::ChangeRole { device, user: user.name, role }))
        .boxed()
}

/// Seldom the highest: of many owners nobody is denied anything.
fn another_role(role: Role) -> BoxedStrategy<Role> {
    let weights = [(3, Role::Guest), (4, Role::Member), (2, Role::Admin), (1, Role::Owner)];
    let others = weights.into_iter().filter(|(_, other)| *other != role);
    Union::new_weighted(others.map(|(weight, other)| (weight, Just(other).boxed())).collect()).boxed()
}

fn read_room(stage: &Stage) -> BoxedStrategy<Scene> {
    in_some_room(stage, |stage, room| {
        let room = room.name.clone();
        stage.device().prop_map(move |device| Action::ReadRoom { device, room: room.clone() }).boxed()
    })
}

fn refresh_token(stage: &Stage) -> BoxedStrategy<Scene> {
    stage.device().prop_map(|device| Scene::one(0, Action::RefreshToken { device })).boxed()
}

fn close_and_open(stage: &Stage) -> BoxedStrategy<Scene> {
    let away_ms = prop_oneof![1 => 1_u64..=200, 3 => 200_u64..=9_000];
    (stage.device(), away_ms)
        .prop_map(|(device, away_ms)| {
            let open = Scene::one(away_ms, Action::Open { device: device.clone() });
            Scene::one(0, Action::Close { device }).and(0, open)
        })
        .boxed()
}

/// One thing that somebody does in some room.
fn in_some_room(
    stage: &Stage,
    action: impl Fn(&Stage, &RoomPlan) -> BoxedStrategy<Action> + 'static,
) -> BoxedStrategy<Scene> {
    stage.in_some_room(action).prop_map(|action| Scene::one(0, action)).boxed()
}

/// A device and its own user: who joins or leaves by themselves.
fn joining(stage: &Stage) -> BoxedStrategy<(String, String)> {
    let stage = stage.clone();
    stage
        .user()
        .prop_flat_map(move |user| {
            let name = user.name.clone();
            stage.device_of(&user).prop_map(move |device| (device, name.clone()))
        })
        .boxed()
}
