//! Loss: segments get lost on the way, and TCP sends them again (IT-E1).

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

impl Disturbance for Loss {
    const KIND: &'static Kind = &KIND;

    fn words(&self) -> String {
        format!("lose {} % of the segments of {} for {}", self.percent, self.target, seconds(self.for_ms))
    }

    fn condition(&self) -> Condition {
        Condition::Lossy { percent: self.percent }
    }

    fn reach(&self) -> (&Target, u64) {
        (&self.target, self.for_ms)
    }

    fn reaching(&self, target: Target, for_ms: u64) -> Fault {
        Fault::Loss(Self { target, for_ms, ..*self })
    }
}

fn strategy(scope: &Scope) -> BoxedStrategy<Fault> {
    (Target::strategy(&scope.population), 5_u64..=60, scope.outage())
        .prop_map(|(target, percent, for_ms)| Fault::Loss(Loss { target, percent, for_ms }))
        .boxed()
}

#[cfg(test)]
mod tests {
    use super::super::Hazard;
    use super::*;

    #[test]
    fn it_is_told_in_a_persons_words() {
        let loss = Loss { target: Target::Device("ana/phone".into()), percent: 20, for_ms: 1_000 };
        assert_eq!(loss.describe(), "lose 20 % of the segments of ana/phone for 1.000 s");
    }
}
