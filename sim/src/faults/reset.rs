//! A reset: every connection of some devices breaks at once, and they may connect again at once.

use properties::trace::Concern;
use proptest::prelude::*;
use proptest::strategy::BoxedStrategy;
use serde::{Deserialize, Serialize};

use super::{Fault, Hazard, Kind, Population, Scope, Target};
use crate::world::Levers;

/// The line in the list of faults.
pub(super) const KIND: Kind = Kind {
    name: "reset",
    summary: "every connection of some devices breaks with a TCP reset",
    concerns: Concern::Connections,
    lasts: false,
    strategy,
};

/// Every connection of some devices breaks with a reset. Bytes under way are lost, both ways.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reset {
    /// Whose.
    pub target: Target,
}

impl Hazard for Reset {
    fn kind(&self) -> &'static Kind {
        &KIND
    }

    fn describe(&self) -> String {
        format!("reset the connections of {}", self.target)
    }

    fn strike(&self, step: u32, levers: &Levers) {
        levers.reset(step, &self.target);
    }

    fn lasts_ms(&self) -> u64 {
        0
    }

    fn target(&self) -> Option<&Target> {
        Some(&self.target)
    }

    fn aimed(&self, target: Target) -> Option<Fault> {
        Some(Fault::Reset(Self { target }))
    }

    fn simpler(&self, population: &Population) -> Vec<Fault> {
        self.narrower(population)
    }
}

fn strategy(scope: &Scope) -> BoxedStrategy<Fault> {
    Target::strategy(&scope.population).prop_map(|target| Fault::Reset(Reset { target })).boxed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_told_in_a_persons_words() {
        let reset = |target| Reset { target }.describe();
        assert_eq!(reset(Target::Device("ana/phone".into())), "reset the connections of ana/phone");
        assert_eq!(reset(Target::Everyone), "reset the connections of everyone");
    }
}
