//! What befell those in a chain while it came about: the faults that touch one of its devices, or the server, and the
//! deaths of the server's process.

use std::collections::BTreeSet;

use crate::index::Index;
use crate::telling::{names_everybody, touches};
use crate::trace::{Concern, FaultChange, FaultKind, Observation, Phase, ServerChange};

/// The entries between the `first` link and the `last` that tell what befell the devices of the links of `concerned`, and
/// those before it that tell of what was still on.
pub(super) fn befell(
    index: &Index<'_>,
    first: usize,
    last: usize,
    concerned: impl Iterator<Item = usize>,
) -> Vec<usize> {
    let devices: BTreeSet<&str> = concerned.filter_map(|entry| index.what(entry).device()).collect();
    let belongs = |entry: &usize| match index.what(*entry) {
        Observation::Fault { kind, step, change: FaultChange::Began, text } => {
            let concerns = kind.concerns != Concern::Connections
                || names_everybody(text)
                || devices.iter().any(|name| touches(text, name));
            concerns && (*entry > first || still_on(index, *entry, kind, *step, first))
        }
        Observation::Server { change, .. } => *entry > first && is_death(change),
        _ => false,
    };
    (0..last).filter(belongs).collect()
}

/// Whether a fault that began at an entry is still on at a later one.
fn still_on(index: &Index<'_>, began: usize, kind: &FaultKind, step: u32, until: usize) -> bool {
    let is_end = |what: &Observation| match (kind.concerns, what) {
        _ if kind.lasts => match what {
            Observation::Fault { step: ended, change: FaultChange::Ended, .. } => *ended == step,
            what => matches!(what, Observation::Phase { phase: Phase::Healed }),
        },
        (Concern::Process | Concern::Power, what) => {
            matches!(what, Observation::Server { change: ServerChange::Listening, .. })
        }
        // A reset is over at once, and a clock that has jumped is what the server goes by from then on.
        _ => true,
    };
    !(began..until).any(|entry| is_end(index.what(entry)))
}

fn is_death(change: &ServerChange) -> bool {
    matches!(
        change,
        ServerChange::Killed
            | ServerChange::PowerLost { .. }
            | ServerChange::Failed { .. }
            | ServerChange::Panicked { .. }
    )
}

#[cfg(test)]
mod tests {
    use super::super::Story;
    use super::*;
    use crate::scene::{Scene, kind_of_fault};

    #[test]
    fn a_fault_that_is_still_on_when_the_chain_begins_belongs_to_it() {
        let mut scene = Scene::company();
        let mut fault = |kind, step, change, text: &str| {
            scene.observe(Observation::Fault { kind: kind_of_fault(kind), step, change, text: text.into() });
        };
        fault("cut", 1, FaultChange::Began, "cut ana/phone, and mend it");
        fault("cut", 2, FaultChange::Began, "cut ana/phone");
        fault("cut", 3, FaultChange::Began, "cut ana/laptop");
        fault("cut", 1, FaultChange::Ended, "the cut is over");
        fault("kill", 4, FaultChange::Began, "kill the server");
        scene.server(ServerChange::Listening);
        let event = scene.says("ben/phone", "general", "m1");
        let breaks = scene.gets("ana/phone", &event);
        let trace = scene.ends();
        let evidence = Story::new(&Index::new(&trace)).breaks(breaks).tell();
        let told: Vec<_> = evidence.iter().map(|link| link.what.as_str()).collect();
        assert_eq!(told, ["cut ana/phone", "receives general#5 message.created \"m1\""]);
    }
}
