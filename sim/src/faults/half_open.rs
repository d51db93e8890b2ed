//! A half-open connection: a device loses its end, and the server hears nothing (WS-7).

use properties::trace::Concern;
use proptest::prelude::*;
use proptest::strategy::BoxedStrategy;
use serde::{Deserialize, Serialize};

use super::{Fault, Hazard, Kind, Population, Scope, Target};
use crate::world::Levers;

/// The line in the list of faults.
pub(super) const KIND: Kind = Kind {
    name: "half_open",
    summary: "some devices lose their connections and come back; the server still holds the old ones",
    concerns: Concern::Connections,
    lasts: false,
    strategy,
};

/// Some devices lose their connections, as a phone does that changes its network: they know and come back, while the
/// server holds the old ends and says to them what nobody hears.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HalfOpen {
    /// Whose.
    pub target: Target,
}

impl Hazard for HalfOpen {
    fn kind(&self) -> &'static Kind {
        &KIND
    }

    fn describe(&self) -> String {
        format!("lose the connections of {} without a word to the server", self.target)
    }

    fn strike(&self, step: u32, levers: &Levers) {
        levers.vanish(step, &self.target);
    }

    fn lasts_ms(&self) -> u64 {
        0
    }

    fn target(&self) -> Option<&Target> {
        Some(&self.target)
    }

    fn aimed(&self, target: Target) -> Option<Fault> {
        Some(Fault::HalfOpen(Self { target }))
    }

    fn simpler(&self, population: &Population) -> Vec<Fault> {
        self.narrower(population)
    }
}

fn strategy(scope: &Scope) -> BoxedStrategy<Fault> {
    Target::strategy(&scope.population).prop_map(|target| Fault::HalfOpen(HalfOpen { target })).boxed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_told_in_a_persons_words() {
        let lose = |target| HalfOpen { target }.describe();
        let expected = "lose the connections of ana/phone without a word to the server";
        assert_eq!(lose(Target::Device("ana/phone".into())), expected);
    }
}
