//! What a mutation leaves that cannot be run, put right: steps in order and within the storm, and none that names nothing.

use std::collections::BTreeSet;

use crate::faults::Fault;
use crate::history::{Flaw, History};

/// Puts `history` right as far as leaving steps out does.
pub(super) fn repair(history: &mut History) {
    let storm_ms = history.settings.storm_ms;
    history.steps.retain_mut(|step| {
        // A fault that the storm's end cuts short would be described wrongly.
        let lasts_ms = step.action.fault().map_or(0, Fault::lasts_ms);
        step.at_ms = step.at_ms.min(storm_ms.saturating_sub(lasts_ms));
        lasts_ms <= storm_ms
    });
    history.steps.sort_by_key(|step| step.at_ms);
    loop {
        let mut flawed = BTreeSet::new();
        for flaw in history.flaws() {
            match flaw {
                Flaw::Unknown { step, .. } | Flaw::BadDevice { step, .. } | Flaw::DuplicateText { step, .. } => {
                    flawed.insert(step);
                }
                Flaw::DuplicateStep { id } => drop(flawed.insert(id)),
                Flaw::DuplicateName { kind: "room", name } => {
                    let made = history
                        .steps
                        .iter()
                        .rfind(|step| step.action.makes(crate::operations::Noun::Room) == Some(&name));
                    flawed.extend(made.map(|step| step.id));
                }
                // Nothing that a step could be left out for: whoever asked for this finds it by the flaws that stay.
                _ => return,
            }
        }
        if flawed.is_empty() {
            return;
        }
        history.steps.retain(|step| !flawed.contains(&step.id));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::Profile;

    #[test]
    fn steps_come_into_order_and_those_that_name_nothing_go() {
        let mut history = History::from_seed(4, &Profile::standard());
        let creates = |step: &crate::history::Step| step.action.body().is_some();
        // Whoever edits, answers or reads a message that is never sent names nothing.
        history.steps.retain(|step| !creates(step));
        history.steps.reverse();
        assert_ne!(history.flaws(), []);
        repair(&mut history);
        assert_eq!(history.flaws(), []);
        assert!(history.steps.len() > 20);
    }
}
