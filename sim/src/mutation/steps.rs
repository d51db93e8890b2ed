//! Changes of any steps: fewer, at another time, once more, or some of another history's.

use super::graft::graft;
use super::material::Material;
use super::pick::{index, span};
use crate::history::{History, Step};
use crate::keyed::Key;

/// How close to another step something is put that is put close to it: within the way of a message.
pub const CLOSE_MS: u64 = 60;

/// A few steps less.
pub fn drop_span(history: &mut History, _: &Material<'_>, key: Key) -> Option<()> {
    let span = span(history.steps.len(), history.steps.len() / 4, key)?;
    history.steps.drain(span);
    Some(())
}

/// One step at another time: as often a little as anywhere.
pub fn move_step(history: &mut History, _: &Material<'_>, key: Key) -> Option<()> {
    let storm_ms = history.settings.storm_ms;
    let step = index(history.steps.len(), key).map(|index| &mut history.steps[index])?;
    let (least_ms, most_ms) = match key.with("far").chance(0.5) {
        true => (0, storm_ms),
        false => (step.at_ms.saturating_sub(CLOSE_MS), step.at_ms + CLOSE_MS),
    };
    step.at_ms = key.with("to").between(least_ms, most_ms.min(storm_ms));
    Some(())
}

/// A few steps once more, a little later.
pub fn repeat_span(history: &mut History, _: &Material<'_>, key: Key) -> Option<()> {
    let steps = history.steps[span(history.steps.len(), 6, key)?].to_vec();
    graft(history, &steps, key.with("later").between(0, 5_000), key);
    Some(())
}

/// Some steps of another history, at another time.
pub fn borrow_span(history: &mut History, material: &Material<'_>, key: Key) -> Option<()> {
    let steps = &material.donor.steps[span(material.donor.steps.len(), 30, key)?];
    let first_ms = steps.first()?.at_ms;
    let steps: Vec<Step> =
        steps.iter().map(|step| Step { at_ms: step.at_ms.saturating_sub(first_ms), ..step.clone() }).collect();
    let begin_ms = key.with("at").below(history.settings.storm_ms);
    graft(history, &steps, begin_ms, key);
    Some(())
}

/// Other latencies, torn writes and backoffs for the same steps.
pub fn change_weather(history: &mut History, _: &Material<'_>, key: Key) -> Option<()> {
    // A seed that a person can still copy by hand.
    history.seed = key.with("seed").below(1 << 32);
    Some(())
}
