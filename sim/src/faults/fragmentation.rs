//! Fragmentation: what was written at once arrives in pieces, down to single bytes (WS-12).

use properties::trace::Concern;
use proptest::prelude::*;
use proptest::strategy::BoxedStrategy;
use serde::{Deserialize, Serialize};

use super::disturbance::Disturbance;
use super::{Fault, Kind, Scope, Target};
use crate::network::Condition;
use crate::words::{amount, seconds};

/// The line in the list of faults.
pub(super) const KIND: Kind = Kind {
    name: "fragmentation",
    summary: "segments arrive in pieces, down to single bytes",
    concerns: Concern::Connections,
    lasts: true,
    strategy,
};

/// What is written at once by or for some devices arrives in pieces: no reader may take a read for a message.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fragmentation {
    /// Whose.
    pub target: Target,
    /// The largest piece.
    pub most_bytes: u64,
    /// For how long.
    pub for_ms: u64,
}

impl Disturbance for Fragmentation {
    const KIND: &'static Kind = &KIND;

    fn words(&self) -> String {
        let size = amount(self.most_bytes, "byte", "bytes");
        format!("break the segments of {} into pieces of at most {size} for {}", self.target, seconds(self.for_ms))
    }

    fn condition(&self) -> Condition {
        Condition::Fragmented { most_bytes: self.most_bytes }
    }

    fn reach(&self) -> (&Target, u64) {
        (&self.target, self.for_ms)
    }

    fn reaching(&self, target: Target, for_ms: u64) -> Fault {
        Fault::Fragmentation(Self { target, for_ms, ..*self })
    }
}

fn strategy(scope: &Scope) -> BoxedStrategy<Fault> {
    let most_bytes = prop_oneof![Just(1_u64), 2_u64..=9, 10_u64..=200];
    (Target::strategy(&scope.population), most_bytes, scope.outage())
        .prop_map(|(target, most_bytes, for_ms)| Fault::Fragmentation(Fragmentation { target, most_bytes, for_ms }))
        .boxed()
}

#[cfg(test)]
mod tests {
    use super::super::Hazard;
    use super::*;

    #[test]
    fn it_is_told_in_a_persons_words() {
        let broken = |most_bytes| Fragmentation { target: Target::Everyone, most_bytes, for_ms: 1_000 }.describe();
        assert_eq!(broken(1), "break the segments of everyone into pieces of at most 1 byte for 1.000 s");
        assert_eq!(broken(9), "break the segments of everyone into pieces of at most 9 bytes for 1.000 s");
    }
}
