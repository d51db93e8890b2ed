//! When each fault of a run held whom back: from its beginning until its own heal.
//!
//! A fault that lasts is over when its time is, or with the storm. One that ends the server's process is over when the
//! server listens again. Every other one is over at once: what is left of it is for the devices to mend.

use std::collections::BTreeMap;

use properties::trace::{At, Concern, Entry, FaultChange, FaultKind, Observation, Phase, ServerChange, Trace};

use crate::faults::{Fault, Target};
use crate::history::History;

/// One fault of a run, while it held somebody back.
pub(super) struct Spell {
    /// Its name in the list of faults.
    pub(super) kind: &'static str,
    /// Whose connections it is about; none when it is about the server, and so about everybody.
    target: Option<Target>,
    pub(super) from: At,
    pub(super) until: At,
}

impl Spell {
    /// Whether it is about `device`.
    pub(super) fn concerns(&self, device: &str) -> bool {
        self.target.as_ref().is_none_or(|target| target.covers(device))
    }

    /// Whether it was there at some moment of a time.
    pub(super) fn overlaps(&self, from: At, to: At) -> bool {
        self.from <= to && self.until >= from
    }
}

/// The faults of the run of a history, by their beginnings.
pub(super) fn spells(history: &History, trace: &Trace) -> Vec<Spell> {
    let faults: BTreeMap<u32, &Fault> =
        history.steps.iter().filter_map(|step| Some((step.id, step.action.fault()?))).collect();
    let mut spells = Vec::new();
    for (entry, observed) in trace.entries.iter().enumerate() {
        if let Observation::Fault { kind, step, change: FaultChange::Began, .. } = &observed.what {
            // Nothing strikes that is no step of the history.
            let Some(fault) = faults.get(step) else { continue };
            let (target, until) = (fault.target().cloned(), end(trace, entry, kind, *step));
            spells.push(Spell { kind: fault.kind(), target, from: observed.at, until });
        }
    }
    spells
}

fn end(trace: &Trace, began: usize, kind: &FaultKind, step: u32) -> At {
    let at = trace.entries[began].at;
    let later = || trace.entries[began..].iter();
    let healed = later().find(|entry| matches!(entry.what, Observation::Phase { phase: Phase::Healed }));
    let healed = healed.map_or(At(u64::MAX), |entry| entry.at);
    let own_end = later().find_map(|entry| match &entry.what {
        Observation::Fault { step: ended, change: FaultChange::Ended, .. } if *ended == step => Some(entry.at),
        _ => None,
    });
    let until = if kind.lasts { own_end.unwrap_or(healed).min(healed) } else { at };
    // Whoever waits for the server waits until it listens, even beyond the heal. A fault may end the process several times;
    // where several faults could have, each has those ends that come before the next of them begins.
    let next = later().skip(1).find(|entry| match &entry.what {
        Observation::Fault { kind: next, change: FaultChange::Began, .. } => next.concerns == kind.concerns,
        _ => false,
    });
    let own = next.map_or(healed, |entry| entry.at.min(healed));
    let ends =
        later().enumerate().take_while(|(_, entry)| entry.at <= own).filter(|(_, entry)| ends(kind, &entry.what));
    let Some((last, _)) = ends.last() else { return until };
    let listening = |entry: &&Entry| matches!(entry.what, Observation::Server { change: ServerChange::Listening, .. });
    let back = trace.entries[began + last..].iter().find(listening);
    back.map_or(At(u64::MAX), |entry| entry.at).max(until)
}

/// Whether an end of the server's process is what a fault of that kind brings about.
fn ends(kind: &FaultKind, what: &Observation) -> bool {
    match what {
        Observation::Server { change: ServerChange::Stopped | ServerChange::Killed, .. } => {
            kind.concerns == Concern::Process
        }
        Observation::Server { change: ServerChange::PowerLost { .. }, .. } => kind.concerns == Concern::Power,
        _ => false,
    }
}
