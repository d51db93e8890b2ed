//! Loss: segments get lost on the way, and TCP sends them again (IT-E1).

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
    name: "loss",
    summary: "segments between some devices and the server get lost; TCP sends them again, late",
    concerns: Concern::Connections,
    lasts: true,
    strategy,
};

/// Segments of some devices get lost on the way, both ways. TCP hides it as delay: a segment comes late, and all behind it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Loss {
    /// Whose.
    pub target: Target,
    /// How many of a hundred, each time that one is sent.
    pub percent: u64,
    /// For how long.
    pub for_ms: u64,
}

impl Hazard for Loss {
    fn kind(&self) -> &'static Kind {
        &KIND
    }

    fn describe(&self) -> String {
        format!("lose {} % of the segments of {} for {}", self.percent, self.target, seconds(self.for_ms))
    }

    fn strike(&self, step: u32, levers: &Levers) {
        let condition = Condition::Lossy { percent: self.percent };
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
        narrower.chain(shorter).map(Fault::Loss).collect()
    }
}

fn strategy(scope: &Scope) -> BoxedStrategy<Fault> {
    (Target::strategy(&scope.population), 5_u64..=60, scope.outage())
        .prop_map(|(target, percent, for_ms)| Fault::Loss(Loss { target, percent, for_ms }))
        .boxed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_told_in_a_persons_words() {
        let loss = Loss { target: Target::Device("ana/phone".into()), percent: 20, for_ms: 1_000 };
        assert_eq!(loss.describe(), "lose 20 % of the segments of ana/phone for 1.000 s");
    }
}
