//! A limit of bandwidth: bytes queue at the narrowest place of the way (WS-16).

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
    name: "bandwidth",
    summary: "no more than some bytes a second pass between some devices and the server",
    concerns: Concern::Connections,
    lasts: true,
    strategy,
};

/// No more than some bytes a second pass, for all connections of a device together, each way.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bandwidth {
    /// Whose.
    pub target: Target,
    /// How many.
    pub bytes_per_s: u64,
    /// For how long.
    pub for_ms: u64,
}

impl Disturbance for Bandwidth {
    const KIND: &'static Kind = &KIND;

    fn words(&self) -> String {
        format!("let {} pass {} bytes/s for {}", self.target, self.bytes_per_s, seconds(self.for_ms))
    }

    fn condition(&self) -> Condition {
        Condition::Narrow { bytes_per_s: self.bytes_per_s }
    }

    fn reach(&self) -> (&Target, u64) {
        (&self.target, self.for_ms)
    }

    fn reaching(&self, target: Target, for_ms: u64) -> Fault {
        Fault::Bandwidth(Self { target, for_ms, ..*self })
    }
}

fn strategy(scope: &Scope) -> BoxedStrategy<Fault> {
    // From a bad mobile connection to one that a snapshot barely fits through.
    let bytes_per_s = prop_oneof![500_u64..=4_000, 4_000_u64..=64_000];
    (Target::strategy(&scope.population), bytes_per_s, scope.outage())
        .prop_map(|(target, bytes_per_s, for_ms)| Fault::Bandwidth(Bandwidth { target, bytes_per_s, for_ms }))
        .boxed()
}

#[cfg(test)]
mod tests {
    use super::super::Hazard;
    use super::*;

    #[test]
    fn it_is_told_in_a_persons_words() {
        let narrow = Bandwidth { target: Target::Everyone, bytes_per_s: 4_000, for_ms: 1_000 };
        assert_eq!(narrow.describe(), "let everyone pass 4000 bytes/s for 1.000 s");
    }
}
