//! Hanging connections: the first segment of a connection gets no answer (IT-8).

use properties::trace::Concern;
use proptest::prelude::*;
use proptest::strategy::BoxedStrategy;
use serde::{Deserialize, Serialize};

use super::scope::shorter;
use super::{Fault, Hazard, Kind, Population, Scope, Target};
use crate::network::Condition;
use crate::words::seconds;
use crate::world::Levers;

/// The line in the list of faults.
pub(super) const KIND: Kind = Kind {
    name: "hang",
    summary: "attempts of some devices to connect hear nothing; connections that exist go on",
    concerns: Concern::Connections,
    lasts: true,
    strategy,
};

/// Attempts of some devices to connect hear nothing, so that only a timeout ends them. Connections that exist go on.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hang {
    /// Whose.
    pub target: Target,
    /// For how long.
    pub for_ms: u64,
}

impl Hazard for Hang {
    fn kind(&self) -> &'static Kind {
        &KIND
    }

    fn describe(&self) -> String {
        format!("leave new connections of {} unanswered for {}", self.target, seconds(self.for_ms))
    }

    fn strike(&self, step: u32, levers: &Levers) {
        let condition = Condition::HoldsConnections;
        levers.disturb(step, &self.target, condition, self.for_ms);
    }

    fn lasts_ms(&self) -> u64 {
        self.for_ms
    }

    fn target(&self) -> Option<&Target> {
        Some(&self.target)
    }

    fn simpler(&self, population: &Population) -> Vec<Fault> {
        let narrower = self.target.narrower(population).into_iter().map(|target| Self { target, ..self.clone() });
        let shorter = shorter(self.for_ms).into_iter().map(|for_ms| Self { for_ms, ..self.clone() });
        narrower.chain(shorter).map(Fault::Hang).collect()
    }
}

fn strategy(scope: &Scope) -> BoxedStrategy<Fault> {
    (Target::strategy(&scope.population), scope.outage())
        .prop_map(|(target, for_ms)| Fault::Hang(Hang { target, for_ms }))
        .boxed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_told_in_a_persons_words() {
        let fault = Hang { target: Target::Everyone, for_ms: 1_000 };
        assert_eq!(fault.describe(), "leave new connections of everyone unanswered for 1.000 s");
    }
}
