//! A slow reader: a device that takes what it is sent drop by drop (WS-8, WS-16).

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
    name: "slow_reader",
    summary: "some devices read slowly out of a small buffer; what they say passes",
    concerns: Concern::Connections,
    lasts: true,
    strategy,
};

/// Some devices take no more than some bytes a second, out of a small buffer, so that all else piles up at the server.
/// What they say passes at once: the server hears them and cannot make itself heard.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SlowReader {
    /// Whose.
    pub target: Target,
    /// How many.
    pub bytes_per_s: u64,
    /// For how long.
    pub for_ms: u64,
}

impl Disturbance for SlowReader {
    const KIND: &'static Kind = &KIND;

    fn words(&self) -> String {
        format!("let {} read {} bytes/s for {}", self.target, self.bytes_per_s, seconds(self.for_ms))
    }

    fn condition(&self) -> Condition {
        Condition::ReadsSlowly { bytes_per_s: self.bytes_per_s }
    }

    fn reach(&self) -> (&Target, u64) {
        (&self.target, self.for_ms)
    }

    fn reaching(&self, target: Target, for_ms: u64) -> Fault {
        Fault::SlowReader(Self { target, for_ms, ..*self })
    }
}

fn strategy(scope: &Scope) -> BoxedStrategy<Fault> {
    (Target::strategy(&scope.population), 20_u64..=2_000, scope.outage())
        .prop_map(|(target, bytes_per_s, for_ms)| Fault::SlowReader(SlowReader { target, bytes_per_s, for_ms }))
        .boxed()
}

#[cfg(test)]
mod tests {
    use super::super::Hazard;
    use super::*;

    #[test]
    fn it_is_told_in_a_persons_words() {
        let slow = SlowReader { target: Target::Device("ana/phone".into()), bytes_per_s: 40, for_ms: 1_000 };
        assert_eq!(slow.describe(), "let ana/phone read 40 bytes/s for 1.000 s");
    }
}
