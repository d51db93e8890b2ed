//! Kinds of scenes: what the list of bursts holds, and how one is drawn of it by the weights of a profile.

use proptest::prelude::*;
use proptest::strategy::BoxedStrategy;

use super::bait::baited;
use super::choose::weighted;
use super::scene::Scene;
use super::stage::Stage;
use crate::history::profile::Weights;

/// One kind of scene.
#[derive(Clone, Copy)]
pub(in crate::history) struct Kind {
    /// Its name in profiles.
    pub(in crate::history) name: &'static str,
    /// It needs one of these faults; empty when it needs none.
    pub(in crate::history) faults: &'static [&'static str],
    /// Draws one.
    pub(in crate::history) strategy: fn(&Stage) -> BoxedStrategy<Scene>,
}

/// A scene of one of `kinds` by weight, if there is any that the profile allows.
pub(in crate::history) fn one_of(kinds: &[Kind], weights: &Weights, stage: &Stage) -> Option<BoxedStrategy<Scene>> {
    let possible = |kind: &&Kind| kind.faults.is_empty() || kind.faults.iter().any(|fault| stage.has_fault(fault));
    let weight = |kind: &Kind| weights.get(kind.name).copied().unwrap_or(0);
    weighted(kinds.iter().filter(possible).map(|kind| (weight(kind), (kind.strategy)(stage))).collect())
}

/// A fault for itself, of any kind that the profile has, with a bait where it waits for a moment.
pub(in crate::history) fn lone_fault(stage: &Stage) -> Option<BoxedStrategy<Scene>> {
    let fault = stage.fault_at_any_time_or_moment()?;
    let stage = stage.clone();
    Some(fault.prop_flat_map(move |fault| baited(&stage, fault)).boxed())
}
