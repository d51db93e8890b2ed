//! A stall: bytes between some devices and the server wait, and all come at the end (WS-16).

use properties::trace::Concern;
use proptest::prelude::*;
use proptest::strategy::BoxedStrategy;
use serde::{Deserialize, Serialize};

use super::disturbance::Disturbance;
use super::{Direction, Fault, Kind, Scope, Target};
use crate::network::Condition;
use crate::words::seconds;

/// The line in the list of faults.
pub(super) const KIND: Kind = Kind {
    name: "stall",
    summary: "bytes between some devices and the server wait, then all come at once: a slow consumer",
    concerns: Concern::Connections,
    lasts: true,
    strategy,
};

/// Bytes between some devices and the server wait, without a loss: they all come at the end. Unlike a cut it never
/// breaks a connection by itself, so the server's queues fill.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stall {
    /// Whose.
    pub target: Target,
    /// For how long.
    pub for_ms: u64,
}

impl Disturbance for Stall {
    const KIND: &'static Kind = &KIND;

    fn words(&self) -> String {
        format!("stall {} for {}", self.target, seconds(self.for_ms))
    }

    fn condition(&self) -> Condition {
        Condition::Closed { direction: Direction::Both, loses: false }
    }

    fn reach(&self) -> (&Target, u64) {
        (&self.target, self.for_ms)
    }

    fn reaching(&self, target: Target, for_ms: u64) -> Fault {
        Fault::Stall(Self { target, for_ms })
    }
}

fn strategy(scope: &Scope) -> BoxedStrategy<Fault> {
    (Target::strategy(&scope.population), scope.outage())
        .prop_map(|(target, for_ms)| Fault::Stall(Stall { target, for_ms }))
        .boxed()
}

#[cfg(test)]
mod tests {
    use super::super::Hazard;
    use super::*;

    #[test]
    fn it_is_told_in_a_persons_words() {
        let stall = Stall { target: Target::Device("ana/phone".into()), for_ms: 70 };
        assert_eq!(stall.describe(), "stall ana/phone for 0.070 s");
    }
}
