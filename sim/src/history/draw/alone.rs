//! What somebody does alone: scenes of one operation, or of a few that only make sense together. Each kind's own strategy
//! stands with the operation; here is what they have in common.

use proptest::prelude::*;
use proptest::strategy::BoxedStrategy;

use super::choose::weighted;
use super::scene::Scene;
use super::stage::Stage;
use crate::history::RoomPlan;
use crate::history::profile::Weights;
use crate::operations::{Action, KINDS};

/// A scene of one kind of operation by weight, if there is any that the profile allows.
pub(in crate::history) fn alone(weights: &Weights, stage: &Stage) -> Option<BoxedStrategy<Scene>> {
    let weight = |name| weights.get(name).copied().unwrap_or(0);
    let scenes = KINDS.iter().filter(|kind| weight(kind.name) > 0);
    weighted(scenes.filter_map(|kind| Some((weight(kind.name), kind.strategy?(stage)))).collect())
}

/// One thing that somebody does in some room.
pub(crate) fn in_some_room(
    stage: &Stage,
    action: impl Fn(&Stage, &RoomPlan) -> BoxedStrategy<Action> + 'static,
) -> BoxedStrategy<Scene> {
    stage.in_some_room(action).prop_map(|action| Scene::one(0, action)).boxed()
}

/// A device and its own user: who joins or leaves by themselves.
pub(crate) fn joining(stage: &Stage) -> BoxedStrategy<(String, String)> {
    let stage = stage.clone();
    stage
        .user()
        .prop_flat_map(move |user| {
            let name = user.name.clone();
            stage.device_of(&user).prop_map(move |device| (device, name.clone()))
        })
        .boxed()
}
