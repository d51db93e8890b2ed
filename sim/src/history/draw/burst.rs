//! Bursts: what several devices do within moments of each other, and what goes wrong just then. Most bugs of a
//! real-time backend need such a moment; steps that are spread evenly hardly ever make one.

use proptest::prelude::*;
use proptest::strategy::BoxedStrategy;

use super::away::{removal_while_away, resume};
use super::crash::{breakage, crash};
use super::kind::Kind;
use super::owners::last_owners;
use super::rights::{demotion, removal, tug_of_war};
use super::scene::Scene;
use super::stage::Stage;
use crate::history::profile::BURST_STEPS;
use crate::operations::RefreshToken;

/// Every kind of burst.
pub(in crate::history) const KINDS: &[Kind] = &[
    Kind { name: "crowd", faults: &[], strategy: crowd },
    Kind { name: "removal", faults: &[], strategy: removal },
    Kind { name: "removal_while_away", faults: &[], strategy: removal_while_away },
    Kind { name: "resume", faults: &[], strategy: resume },
    Kind { name: "refresh", faults: &[], strategy: refresh },
    Kind { name: "demotion", faults: &[], strategy: demotion },
    Kind { name: "tug_of_war", faults: &[], strategy: tug_of_war },
    Kind { name: "last_owners", faults: &[], strategy: last_owners },
    Kind { name: "breakage", faults: super::crash::BREAKS, strategy: breakage },
    Kind { name: "crash", faults: super::crash::CRASHES, strategy: crash },
];

/// Several devices speak in one room within a few milliseconds (IT-4, CG-2).
fn crowd(stage: &Stage) -> BoxedStrategy<Scene> {
    stage.in_some_room(|stage, room| stage.talk(room, BURST_STEPS..=12, 30))
}

/// Several devices refresh their tokens while a room is busy (CG-5, WS-6).
fn refresh(stage: &Stage) -> BoxedStrategy<Scene> {
    stage.in_some_room(|stage, room| {
        let refresh =
            (0_u64..=40, stage.device()).prop_map(|(after_ms, device)| Scene::one(after_ms, RefreshToken { device }));
        let refreshes = prop::collection::vec(refresh, 2..=5).prop_map(Scene::from_iter);
        (stage.talk(room, BURST_STEPS..=8, 60), refreshes).prop_map(|(talk, refreshes)| talk.and(0, refreshes)).boxed()
    })
}
