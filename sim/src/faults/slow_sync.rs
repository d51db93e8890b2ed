//! A slow sync: the disk takes its time to make things durable (WS-P2).

use properties::trace::Concern;
use proptest::prelude::*;
use proptest::strategy::BoxedStrategy;
use serde::{Deserialize, Serialize};

use super::scope::shorter;
use super::{Fault, Hazard, Kind, Population, Scope};
use crate::disk::Ailment;
use crate::words::seconds;
use crate::world::Levers;

/// The line in the list of faults.
pub(super) const KIND: Kind = Kind {
    name: "slow_sync",
    summary: "each sync of the server's disk takes long",
    concerns: Concern::Work,
    lasts: true,
    strategy,
};

/// Each sync of the server's disk takes longer: what waits for a commit waits long, and more meets in one.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SlowSync {
    /// How much longer.
    pub by_ms: u64,
    /// For how long.
    pub for_ms: u64,
}

impl Hazard for SlowSync {
    fn kind(&self) -> &'static Kind {
        &KIND
    }

    fn describe(&self) -> String {
        format!("each sync of the server's disk takes {} longer for {}", seconds(self.by_ms), seconds(self.for_ms))
    }

    fn strike(&self, step: u32, levers: &Levers) {
        levers.sicken_disk(step, Ailment::SyncIsSlow { by_ms: self.by_ms }, self.for_ms);
    }

    fn lasts_ms(&self) -> u64 {
        self.for_ms
    }

    fn simpler(&self, _: &Population) -> Vec<Fault> {
        shorter(self.for_ms).into_iter().map(|for_ms| Fault::SlowSync(Self { for_ms, ..self.clone() })).collect()
    }
}

fn strategy(scope: &Scope) -> BoxedStrategy<Fault> {
    (20_u64..=800, scope.outage()).prop_map(|(by_ms, for_ms)| Fault::SlowSync(SlowSync { by_ms, for_ms })).boxed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_told_in_a_persons_words() {
        let slow = SlowSync { by_ms: 300, for_ms: 2_000 };
        assert_eq!(slow.describe(), "each sync of the server's disk takes 0.300 s longer for 2.000 s");
    }
}
