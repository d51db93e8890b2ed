//! A duplicate tab: a second program goes on with the login of a device, as a browser's "duplicate tab" does (CG-4, CG-5).

use properties::trace::Concern;
use proptest::prelude::*;
use proptest::strategy::BoxedStrategy;
use serde::{Deserialize, Serialize};

use super::scope::shorter;
use super::{Fault, Hazard, Kind, Population, Scope, Target};
use crate::words::seconds;
use crate::world::Levers;

/// The line in the list of faults.
pub(super) const KIND: Kind = Kind {
    name: "duplicate_tab",
    summary: "a second program with a copy of a device's session lives beside it for a while",
    concerns: Concern::Connections,
    lasts: true,
    strategy,
};

/// Some devices have a double for a while: a program of its own name, `ana/phone-tab-12`, that begins with a copy of the
/// device's tokens. Both renew them, each without asking the other.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DuplicateTab {
    /// Whose.
    pub target: Target,
    /// Whether the double says goodbye in the end; otherwise its process is killed.
    pub goodbye: bool,
    /// For how long.
    pub for_ms: u64,
}

impl DuplicateTab {
    /// What the double of a device (`user/device`) is called, which begins with the history's step `step`.
    pub fn name(device: &str, step: u32) -> String {
        format!("{device}-tab-{step}")
    }
}

impl Hazard for DuplicateTab {
    fn kind(&self) -> &'static Kind {
        &KIND
    }

    fn describe(&self) -> String {
        let end = if self.goodbye { "closed" } else { "killed" };
        format!("duplicate the tab of {}, {end} after {}", self.target, seconds(self.for_ms))
    }

    fn strike(&self, step: u32, levers: &Levers) {
        levers.duplicate_tabs(step, &self.target, self.for_ms, self.goodbye);
    }

    fn lasts_ms(&self) -> u64 {
        self.for_ms
    }

    fn target(&self) -> Option<&Target> {
        Some(&self.target)
    }

    fn aimed(&self, target: Target) -> Option<Fault> {
        Some(Fault::DuplicateTab(Self { target, ..self.clone() }))
    }

    fn simpler(&self, population: &Population) -> Vec<Fault> {
        let narrower = self.narrower(population).into_iter();
        let polite = (!self.goodbye).then(|| Self { goodbye: true, ..self.clone() });
        let shorter = shorter(self.for_ms).into_iter().map(|for_ms| Self { for_ms, ..self.clone() });
        narrower.chain(polite.into_iter().chain(shorter).map(Fault::DuplicateTab)).collect()
    }
}

fn strategy(scope: &Scope) -> BoxedStrategy<Fault> {
    // A double that lives for a moment has nothing to renew; none outlasts a storm.
    let longest_ms = *scope.outage_ms.end();
    let for_ms = prop_oneof![1 => scope.outage(), 2 => longest_ms / 2..=longest_ms];
    (Target::one_device(&scope.population), any::<bool>(), for_ms)
        .prop_map(|(target, goodbye, for_ms)| Fault::DuplicateTab(DuplicateTab { target, goodbye, for_ms }))
        .boxed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_told_in_a_persons_words() {
        let tab = |goodbye| DuplicateTab { target: Target::Device("ana/phone".into()), goodbye, for_ms: 9_000 };
        assert_eq!(tab(true).describe(), "duplicate the tab of ana/phone, closed after 9.000 s");
        assert_eq!(tab(false).describe(), "duplicate the tab of ana/phone, killed after 9.000 s");
        assert_eq!(DuplicateTab::name("ana/phone", 12), "ana/phone-tab-12");
    }
}
