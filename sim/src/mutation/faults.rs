//! Changes of faults: at another time, of another kind, longer, about somebody else, one more, or one of another history's.

use serde_json::Value;

use super::draw;
use super::graft::graft;
use super::material::Material;
use super::pick::{self, index};
use super::steps::CLOSE_MS;
use crate::faults::{KINDS, Target};
use crate::history::{Action, History, Step};
use crate::keyed::Key;

/// How close to the end of the storm a fault is moved that is moved to it.
const BEFORE_THE_END_MS: u64 = 3_000;

/// A fault is about somebody else.
pub fn aim(history: &mut History, _: &Material<'_>, key: Key) -> Option<()> {
    let chosen = pick::fault(history, key)?;
    let devices = history.population().devices;
    let target =
        index(devices.len(), key.with("who")).map_or(Target::Everyone, |at| Target::Device(devices[at].clone()));
    history.steps[chosen].action = Action::Fault(history.steps[chosen].action.fault()?.aimed(target)?);
    Some(())
}

/// A fault lasts longer or shorter, or waits so.
pub fn stretch(history: &mut History, _: &Material<'_>, key: Key) -> Option<()> {
    let chosen = pick::fault(history, key)?;
    // Only a fault's own file knows its fields, so this goes by what is saved of them.
    let mut fault = serde_json::to_value(history.steps[chosen].action.fault()?).ok()?;
    let durations =
        fault.as_object_mut()?.iter_mut().filter(|(name, value)| name.ends_with("_ms") && value.as_u64().is_some());
    for (name, duration) in durations {
        let ms = duration.as_u64().unwrap_or_default();
        let factors = [ms / 10, ms / 2, ms + CLOSE_MS, ms * 2, ms * 4];
        let changed = factors[index(factors.len(), key.with(name.as_str())).unwrap_or_default()];
        *duration = Value::from(changed.clamp(1, history.settings.storm_ms.max(1)));
    }
    history.steps[chosen].action = Action::Fault(serde_json::from_value(fault).ok()?);
    Some(())
}

/// A fault of another history, next to a step of this one.
pub fn borrow_fault(history: &mut History, material: &Material<'_>, key: Key) -> Option<()> {
    let chosen = &material.donor.steps[pick::fault(material.donor, key)?];
    let beside = index(history.steps.len(), key.with("beside"))?;
    let begin_ms = near(history.steps[beside].at_ms, key);
    graft(history, &[Step { at_ms: 0, ..chosen.clone() }], begin_ms, key);
    Some(())
}

/// A fault at the time of another step.
pub fn bring_close(history: &mut History, _: &Material<'_>, key: Key) -> Option<()> {
    let chosen = pick::fault(history, key)?;
    let beside = index(history.steps.len(), key.with("beside"))?;
    history.steps[chosen].at_ms = near(history.steps[beside].at_ms, key);
    Some(())
}

/// A fault right before the end of the storm.
pub fn move_to_the_end(history: &mut History, _: &Material<'_>, key: Key) -> Option<()> {
    move_fault(history, key, true)
}

/// A fault at any other time.
pub fn move_anywhere(history: &mut History, _: &Material<'_>, key: Key) -> Option<()> {
    move_fault(history, key, false)
}

/// A fault gives way to another of its kind or to one of another kind, and ends with the storm or begins where it began.
pub fn redraw(history: &mut History, material: &Material<'_>, key: Key) -> Option<()> {
    let step = pick::fault(history, key)?;
    let kind = match key.with("same kind").chance(0.7) {
        true => {
            KINDS.iter().find(|kind| history.steps[step].action.fault().is_some_and(|it| it.kind() == kind.name))?
        }
        false => draw::kind(material.profile, key)?,
    };
    let fault = draw::fault(kind, history, material.profile, key)?;
    let latest_ms = history.settings.storm_ms.checked_sub(fault.lasts_ms())?;
    let step = &mut history.steps[step];
    step.at_ms = step.at_ms.min(latest_ms);
    step.action = Action::Fault(fault);
    Some(())
}

/// One fault more, as long as the profile could have drawn so many.
pub fn add(history: &mut History, material: &Material<'_>, key: Key) -> Option<()> {
    if history.faults().count() >= most(material) {
        return None;
    }
    let fault = draw::fault(draw::kind(material.profile, key)?, history, material.profile, key)?;
    let at_ms = time_for(history, fault.lasts_ms(), key, key.with("late").chance(0.7))?;
    let id = history.steps.iter().map(|step| step.id).max().unwrap_or_default().checked_add(1)?;
    history.steps.push(Step { id, at_ms, action: Action::Fault(fault) });
    Some(())
}

/// How many faults the profile draws at most: those that strike alone, those in bursts, and those that bursts meet.
pub(super) fn most(material: &Material<'_>) -> usize {
    let profile = material.profile;
    profile.faults.end() + profile.bursts.end() + profile.crashes.end()
}

fn move_fault(history: &mut History, key: Key, to_the_end: bool) -> Option<()> {
    let chosen = pick::fault(history, key)?;
    let lasts_ms = history.steps[chosen].action.fault()?.lasts_ms();
    history.steps[chosen].at_ms = time_for(history, lasts_ms, key, to_the_end)?;
    Some(())
}

/// A time at which a fault of that length can begin.
fn time_for(history: &History, lasts_ms: u64, key: Key, to_the_end: bool) -> Option<u64> {
    let latest_ms = history.settings.storm_ms.checked_sub(lasts_ms)?;
    let earliest_ms = if to_the_end { latest_ms.saturating_sub(BEFORE_THE_END_MS) } else { 0 };
    Some(key.with("time").between(earliest_ms, latest_ms))
}

fn near(at_ms: u64, key: Key) -> u64 {
    key.with("near").between(at_ms.saturating_sub(CLOSE_MS), at_ms + CLOSE_MS)
}
