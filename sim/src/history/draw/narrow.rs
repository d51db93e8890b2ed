//! Swarm testing: a history first draws which kinds exist in it at all.

use proptest::prelude::*;
use proptest::strategy::BoxedStrategy;

use crate::history::Profile;
use crate::history::profile::Weights;

/// The profile itself, or one with a part of its kinds where it says so.
pub(in crate::history) fn narrow(profile: &Profile) -> BoxedStrategy<Profile> {
    if !profile.subset {
        return Just(profile.clone()).boxed();
    }
    let profile = profile.clone();
    (
        some_of(&profile.solo_weights, "send"),
        some_of(&profile.burst_weights, "crowd"),
        // Calm at times: some bugs need a long undisturbed history.
        prop_oneof![1 => Just(Weights::new()), 9 => part_of(&profile.fault_weights)],
    )
        .prop_map(move |(solo_weights, burst_weights, fault_weights)| Profile {
            solo_weights,
            burst_weights,
            fault_weights,
            ..profile.clone()
        })
        .boxed()
}

/// A part of `weights`; the one named `fallback` where nothing would be left.
fn some_of(weights: &Weights, fallback: &'static str) -> BoxedStrategy<Weights> {
    let least = Weights::from([(fallback, 1)]);
    part_of(weights).prop_map(move |part| if part.is_empty() { least.clone() } else { part }).boxed()
}

fn part_of(weights: &Weights) -> BoxedStrategy<Weights> {
    let weights = weights.clone();
    prop::collection::vec(any::<bool>(), weights.len())
        .prop_map(move |kept| {
            weights.iter().zip(kept).filter(|(_, kept)| *kept).map(|((name, weight), _)| (*name, *weight)).collect()
        })
        .boxed()
}
