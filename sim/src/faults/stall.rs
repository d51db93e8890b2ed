//! A stall: bytes between some devices and the server wait, and all come at the end (WS-16).

use properties::trace::Concern;
use proptest::prelude::*;
use proptest::strategy::BoxedStrategy;
use serde::{Deserialize, Serialize};

use super::scope::shorter;
use super::{Direction, Fault, Hazard, Kind, Population, Scope, Target};
use crate::network::Condition;
use crate::words::seconds;
use crate::world::Levers;

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

impl Hazard for Stall {
    fn kind(&self) -> &'static Kind {
        &KIND
    }

    fn describe(&self) -> String {
        format!("stall {} for {}", self.target, seconds(self.for_ms))
    }

    fn strike(&self, step: u32, levers: &Levers) {
        let condition = Condition::Closed { direction: Direction::Both, loses: false };
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
        narrower.chain(shorter).map(Fault::Stall).collect()
    }
}

fn strategy(scope: &Scope) -> BoxedStrategy<Fault> {
    (Target::strategy(&scope.population), scope.outage())
        .prop_map(|(target, for_ms)| Fault::Stall(Stall { target, for_ms }))
        .boxed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_told_in_a_persons_words() {
        let stall = Stall { target: Target::Device("ana/phone".into()), for_ms: 70 };
        assert_eq!(stall.describe(), "stall ana/phone for 0.070 s");
    }
}
