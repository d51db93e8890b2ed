//! Hanging connections: the first segment of a connection gets no answer (IT-8).

use properties::trace::Concern;
use proptest::prelude::*;
use proptest::strategy::BoxedStrategy;
use serde::{Deserialize, Serialize};

use super::disturbance::Disturbance;
use super::{Fault, Kind, Scope, Target};
use crate::network::Condition;
use crate::words::seconds;

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

impl Disturbance for Hang {
    const KIND: &'static Kind = &KIND;

    fn words(&self) -> String {
        format!("leave new connections of {} unanswered for {}", self.target, seconds(self.for_ms))
    }

    fn condition(&self) -> Condition {
        Condition::HoldsConnections
    }

    fn reach(&self) -> (&Target, u64) {
        (&self.target, self.for_ms)
    }

    fn reaching(&self, target: Target, for_ms: u64) -> Fault {
        Fault::Hang(Self { target, for_ms })
    }
}

fn strategy(scope: &Scope) -> BoxedStrategy<Fault> {
    (Target::strategy(&scope.population), scope.outage())
        .prop_map(|(target, for_ms)| Fault::Hang(Hang { target, for_ms }))
        .boxed()
}

#[cfg(test)]
mod tests {
    use super::super::Hazard;
    use super::*;

    #[test]
    fn it_is_told_in_a_persons_words() {
        let fault = Hang { target: Target::Everyone, for_ms: 1_000 };
        assert_eq!(fault.describe(), "leave new connections of everyone unanswered for 1.000 s");
    }
}
