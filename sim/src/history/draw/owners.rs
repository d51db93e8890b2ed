//! Bursts in which owners end each other's days: a company keeps one, however they meet (IT-4, WS-5).

use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::BoxedStrategy;
use system::protocol::Role;

use super::scene::Scene;
use super::stage::Stage;
use crate::history::UserPlan;
use crate::operations::{Action, ChangeRole, Deactivate};

/// How long a promotion may take until its user acts as an owner.
const PROMOTED_MS: u64 = 900;

/// Two owners demote each other, or themselves, within a few milliseconds, in a busy room, and at times while the server
/// takes longer to decide; whoever is left takes the other back at times. Where the founder has handed the company over,
/// they are the last ones mostly.
pub(super) fn last_owners(stage: &Stage) -> BoxedStrategy<Scene> {
    let users = &stage.cast.users;
    let owners: Vec<UserPlan> = users.iter().filter(|user| user.role == Role::Owner).cloned().collect();
    let first = if owners.is_empty() { users.clone() } else { owners };
    let (stage, users) = (stage.clone(), users.clone());
    (select(first), select(users)).prop_flat_map(move |(one, other)| between(&stage, one, other)).boxed()
}

fn between(stage: &Stage, one: UserPlan, other: UserPlan) -> BoxedStrategy<Scene> {
    let by = [&one, &other].map(|user| stage.device_of(user));
    let names = [one.name, other.name];
    let change = |device: &String, user: &String, role| {
        Action::ChangeRole(ChangeRole { device: device.clone(), user: user.clone(), role })
    };
    // Who ends whose days, and how.
    let end = (0_u64..=30, 0_usize..2, 0_usize..2, prop::bool::weighted(0.1));
    let ends = prop::collection::vec(end, 2..=4);
    let crossed = (0_u64..=10, 0_u64..=10);
    let taken_back = prop::option::weighted(0.6, 400_u64..=2_000);
    let talk = stage.in_some_room(|stage, room| stage.talk(room, 1..=3, 60));
    // What is decided slowly is decided while the other decision is under way.
    let slowed = match stage.fault_of(|kind| matches!(kind, "overload" | "slow_sync")) {
        Some(fault) => prop::option::weighted(0.5, fault).boxed(),
        None => Just(None).boxed(),
    };
    (by, ends, crossed, slowed, taken_back, talk)
        .prop_map(move |(by, ends, crossed, slowed, taken_back, talk)| {
            let promoted = Scene::one(0, change(&by[0], &names[1], Role::Owner));
            let crossed = Scene::one(crossed.0, change(&by[0], &names[1], Role::Admin))
                .and(0, Scene::one(crossed.1, change(&by[1], &names[0], Role::Admin)));
            let ends = ends.into_iter().map(|(after_ms, who, whom, deactivated)| {
                let (device, user) = (by[who].clone(), names[whom].clone());
                let action = if deactivated {
                    Action::Deactivate(Deactivate { device, user })
                } else {
                    Action::ChangeRole(ChangeRole { device, user, role: Role::Member })
                };
                Scene::one(after_ms, action)
            });
            let slowed: Scene = slowed.into_iter().map(|fault| Scene::one(0, Action::Fault(fault))).collect();
            let scene = promoted
                .and(PROMOTED_MS, slowed)
                .and(PROMOTED_MS, crossed)
                .and(PROMOTED_MS, ends.collect())
                .and(PROMOTED_MS, talk);
            let Some(after_ms) = taken_back else { return scene };
            let back = [0, 1].map(|who| Scene::one(0, change(&by[who], &names[1 - who], Role::Owner)));
            scene.and(PROMOTED_MS + after_ms, back.into_iter().collect())
        })
        .boxed()
}
