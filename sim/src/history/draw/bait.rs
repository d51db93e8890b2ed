//! Baits: what users do so that a moment comes for which a fault waits. Without one, most would wait in vain.

use proptest::prelude::*;
use proptest::strategy::BoxedStrategy;

use super::scene::Scene;
use super::stage::{Stage, speak};
use crate::faults::{Fault, Moment};
use crate::operations::{Action, Close, Open, RefreshToken, UploadFile};

/// How long after a fault has begun to wait its bait is laid: less than any waits.
const LAID_MS: std::ops::RangeInclusive<u64> = 10..=300;

/// A fault, and what brings about the moment for which it waits, if it waits for one.
pub(super) fn baited(stage: &Stage, fault: Fault) -> BoxedStrategy<Scene> {
    let bait = fault.awaits().and_then(|moment| bait(stage, moment));
    let waiting = Scene::one(0, Action::Fault(fault));
    let Some(bait) = bait else { return Just(waiting).boxed() };
    (LAID_MS, bait).prop_map(move |(after_ms, bait)| waiting.clone().and(after_ms, bait)).boxed()
}

/// None where what users do brings it about often enough.
fn bait(stage: &Stage, moment: &Moment) -> Option<BoxedStrategy<Scene>> {
    match moment {
        Moment::Commit(_) | Moment::Snapshot(_) => None,
        Moment::Upload(device) => Some(Just(Scene::one(0, UploadFile::small(device.clone()))).boxed()),
        Moment::OwnCommit(device) => {
            let device = device.clone();
            Some(stage.room().prop_map(move |room| Scene::one(0, speak(device.clone(), &room, false))).boxed())
        }
        Moment::Resume(device) => {
            let (close, open) = (Close { device: device.clone() }, Open { device: device.clone() });
            let back = |away_ms| Scene::one(0, close.clone()).and(away_ms, Scene::one(0, open.clone()));
            let scenes: Vec<Scene> = [100, 400].map(back).into();
            Some(proptest::sample::select(scenes).boxed())
        }
        Moment::Refresh(device) => Some(Just(Scene::one(0, RefreshToken { device: device.clone() })).boxed()),
        Moment::Closing(_) => {
            let restart = stage.fault_of(|name| ["restart", "rolling_restart"].contains(&name))?;
            Some(restart.prop_map(|restart| Scene::one(0, Action::Fault(restart))).boxed())
        }
    }
}
