//! A slow reader: a device that takes what it is sent drop by drop (WS-8, WS-16).

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

impl Hazard for SlowReader {
    fn kind(&self) -> &'static Kind {
        &KIND
    }

    fn describe(&self) -> String {
        format!("let {} read {} bytes/s for {}", self.target, self.bytes_per_s, seconds(self.for_ms))
    }

    fn strike(&self, step: u32, levers: &Levers) {
        let condition = Condition::ReadsSlowly { bytes_per_s: self.bytes_per_s };
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
        narrower.chain(shorter).map(Fault::SlowReader).collect()
    }
}

fn strategy(scope: &Scope) -> BoxedStrategy<Fault> {
    (Target::strategy(&scope.population), 20_u64..=2_000, scope.outage())
        .prop_map(|(target, bytes_per_s, for_ms)| Fault::SlowReader(SlowReader { target, bytes_per_s, for_ms }))
        .boxed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_told_in_a_persons_words() {
        let slow = SlowReader { target: Target::Device("ana/phone".into()), bytes_per_s: 40, for_ms: 1_000 };
        assert_eq!(slow.describe(), "let ana/phone read 40 bytes/s for 1.000 s");
    }
}
