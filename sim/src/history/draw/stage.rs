//! The stage: what a scene can be about, and the choices that scenes have in common.

use std::fmt::Debug;
use std::sync::Arc;

use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::BoxedStrategy;
use system::protocol::Role;

use super::choose::{mostly, weighted};
use super::scene::Scene;
use crate::faults::{self, AtMoment, Fault, Moment, Scope};
use crate::history::{Profile, RoomPlan, UserPlan};
use crate::operations::{Action, Post, Send};

/// Who and what exists when the storm begins.
#[derive(Clone, Debug)]
pub(in crate::history) struct Cast {
    pub(in crate::history) users: Vec<UserPlan>,
    pub(in crate::history) rooms: Vec<RoomPlan>,
}

/// What a scene can be about. Rights are as the storm begins: what changed since makes some attempts wrong, which is
/// welcome.
#[derive(Clone, Debug)]
pub(crate) struct Stage {
    pub(in crate::history) profile: Arc<Profile>,
    pub(in crate::history) cast: Arc<Cast>,
    scope: Arc<Scope>,
}

/// Of a hundred messages, how many come from somebody who may be a stranger to the room.
const STRANGERS_PER_CENT: u32 = 6;
/// Of a hundred attempts to change rights, how many come from somebody who may have none to.
const USURPERS_PER_CENT: u32 = 20;
/// Of a hundred attempts to create a room, how many come from somebody who may be a guest: creations are few.
const GUEST_FOUNDERS_PER_CENT: u32 = 40;

impl Stage {
    pub(in crate::history) fn new(profile: Profile, cast: Cast) -> Self {
        let population = faults::Population {
            users: cast.users.iter().map(|user| user.name.clone()).collect(),
            devices: cast.users.iter().flat_map(UserPlan::device_names).collect(),
        };
        let scope = Scope { population, outage_ms: profile.outage_ms.clone(), down_ms: profile.down_ms.clone() };
        Self { profile: Arc::new(profile), cast: Arc::new(cast), scope: Arc::new(scope) }
    }

    /// Any room.
    pub(crate) fn room(&self) -> BoxedStrategy<RoomPlan> {
        select(self.cast.rooms.clone()).boxed()
    }

    /// Something in some room.
    pub(crate) fn in_some_room<T: Debug + 'static>(
        &self,
        something: impl Fn(&Self, &RoomPlan) -> BoxedStrategy<T> + 'static,
    ) -> BoxedStrategy<T> {
        let stage = self.clone();
        self.room().prop_flat_map(move |room| something(&stage, &room)).boxed()
    }

    /// Any user.
    pub(crate) fn user(&self) -> BoxedStrategy<UserPlan> {
        select(self.cast.users.clone()).boxed()
    }

    /// A user who, mostly, is in `room`.
    pub(crate) fn member(&self, room: &RoomPlan) -> BoxedStrategy<UserPlan> {
        let members = self.cast.users.iter().filter(|user| room.members.contains(&user.name)).cloned().collect();
        mostly(members, self.cast.users.clone(), USURPERS_PER_CENT)
    }

    /// Any device.
    pub(crate) fn device(&self) -> BoxedStrategy<String> {
        select(self.scope.population.devices.clone()).boxed()
    }

    /// A device of somebody who, mostly, may speak in `room`.
    pub(crate) fn speaker(&self, room: &RoomPlan) -> BoxedStrategy<String> {
        self.mostly_devices(STRANGERS_PER_CENT, |user| room.members.contains(&user.name))
    }

    /// A device of somebody who, mostly, may change who is in `room`.
    pub(crate) fn manager(&self, room: &RoomPlan) -> BoxedStrategy<String> {
        self.mostly_devices(USURPERS_PER_CENT, |user| {
            user.role >= Role::Admin || (user.role == Role::Member && room.members.contains(&user.name))
        })
    }

    /// A device of somebody who, mostly, may change roles; seldom of `other_than`.
    pub(crate) fn chief(&self, other_than: Option<&UserPlan>) -> BoxedStrategy<String> {
        self.mostly_devices(USURPERS_PER_CENT, |user| user.role >= Role::Admin && Some(user) != other_than)
    }

    /// A device of somebody who, mostly, may create a room.
    pub(crate) fn founder(&self) -> BoxedStrategy<String> {
        self.mostly_devices(GUEST_FOUNDERS_PER_CENT, |user| user.role > Role::Guest)
    }

    /// Any of the user's devices.
    pub(crate) fn device_of(&self, user: &UserPlan) -> BoxedStrategy<String> {
        select(user.device_names().collect::<Vec<_>>()).boxed()
    }

    /// A message to `room`, mostly on the WebSocket.
    pub(crate) fn message(&self, room: &RoomPlan) -> BoxedStrategy<Action> {
        let room = room.clone();
        (self.speaker(&room), prop::bool::weighted(0.2))
            .prop_map(move |(device, rest)| speak(device, &room, rest))
            .boxed()
    }

    /// `count` messages to `room` within `within_ms`.
    pub(crate) fn talk(
        &self,
        room: &RoomPlan,
        count: std::ops::RangeInclusive<usize>,
        within_ms: u64,
    ) -> BoxedStrategy<Scene> {
        let message = (0..=within_ms, self.message(room)).prop_map(|(after_ms, action)| Scene::one(after_ms, action));
        prop::collection::vec(message, count).prop_map(Scene::from_iter).boxed()
    }

    /// Whether the profile has faults of this kind.
    pub(crate) fn has_fault(&self, kind: &str) -> bool {
        self.profile.fault_weights.get(kind).is_some_and(|weight| *weight > 0)
    }

    /// A fault of those kinds of the profile that are `suitable` by name.
    pub(crate) fn fault_of(&self, suitable: impl Fn(&str) -> bool) -> Option<BoxedStrategy<Fault>> {
        self.fault_within(&self.scope, suitable)
    }

    /// A fault of any kind of the profile: at its time, or at the first moment of some kind after it.
    pub(crate) fn fault_at_any_time_or_moment(&self) -> Option<BoxedStrategy<Fault>> {
        let at_once = self.fault_of(|_| true)?;
        let stage = self.clone();
        let then = move |moment: &Moment| {
            let near = moment.device().and_then(|device| stage.fault_near(device, |_| true));
            near.or_else(|| stage.fault_of(|_| true)).expect("there is a kind of fault")
        };
        let at_moment = AtMoment::strategy(&self.scope.population, then);
        let per_cent = self.profile.moments_per_cent;
        weighted(vec![(100 - per_cent, at_once), (per_cent, at_moment)])
    }

    /// Like [`Stage::fault_of`], but a fault of connections is about `device`'s.
    pub(crate) fn fault_near(&self, device: &str, suitable: impl Fn(&str) -> bool) -> Option<BoxedStrategy<Fault>> {
        let user = device.split_once('/').map_or(device, |(user, _)| user);
        let population = faults::Population { users: vec![user.to_owned()], devices: vec![device.to_owned()] };
        self.fault_within(&Scope { population, ..(*self.scope).clone() }, suitable)
    }

    fn fault_within(&self, scope: &Scope, suitable: impl Fn(&str) -> bool) -> Option<BoxedStrategy<Fault>> {
        let weight = |kind: &faults::Kind| self.profile.fault_weights.get(kind.name).copied().unwrap_or(0);
        let kinds = faults::KINDS.iter().filter(|kind| suitable(kind.name));
        weighted(kinds.map(|kind| (weight(kind), (kind.strategy)(scope))).collect())
    }

    fn mostly_devices(&self, astray_per_cent: u32, may: impl Fn(&UserPlan) -> bool) -> BoxedStrategy<String> {
        let right = self.cast.users.iter().filter(|user| may(user)).flat_map(UserPlan::device_names).collect();
        mostly(right, self.scope.population.devices.clone(), astray_per_cent)
    }
}

/// A message of `device` to `room`, over REST or on the WebSocket. Its body comes later.
pub(crate) fn speak(device: String, room: &RoomPlan, rest: bool) -> Action {
    let (room, body) = (room.name.clone(), String::new());
    if rest { Post { device, room, body }.into() } else { Send { device, room, body }.into() }
}

/// A message of `device` on the WebSocket. Its body comes later.
pub(super) fn speak_in(device: String, room: String) -> Action {
    Send { device, room, body: String::new() }.into()
}
