//! A crash during the recovery from a crash (CG-1, CG-7).

use properties::trace::Concern;
use proptest::prelude::*;
use proptest::strategy::BoxedStrategy;
use serde::{Deserialize, Serialize};

use super::scope::shorter;
use super::{Fault, Hazard, Kind, Population, Scope};
use crate::words::{amount, seconds};
use crate::world::Levers;

/// The line in the list of faults.
pub(super) const KIND: Kind = Kind {
    name: "recovery_crash",
    summary: "the power fails, and fails again while the server recovers from that",
    concerns: Concern::Power,
    lasts: false,
    strategy,
};

/// The power fails, and fails again while the server recovers from that: repairing must be something that can be begun
/// anew.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecoveryCrash {
    /// How many operations of the disk the recovery gets done before the power fails again.
    pub after_operations: u32,
    /// Until the server is started again, each time.
    pub down_ms: u64,
}

impl Hazard for RecoveryCrash {
    fn kind(&self) -> &'static Kind {
        &KIND
    }

    fn describe(&self) -> String {
        let operations = amount(self.after_operations.into(), "disk operation", "disk operations");
        let down = seconds(self.down_ms);
        format!("power loss, and another one {operations} into the recovery, down for {down} each time")
    }

    fn strike(&self, step: u32, levers: &Levers) {
        levers.lose_power_twice(step, self.after_operations, self.down_ms);
    }

    fn lasts_ms(&self) -> u64 {
        self.down_ms * 2
    }

    fn simpler(&self, _: &Population) -> Vec<Fault> {
        let sooner = (self.after_operations > 0).then(|| Self { after_operations: 0, ..self.clone() });
        let shorter = shorter(self.down_ms).into_iter().map(|down_ms| Self { down_ms, ..self.clone() });
        sooner.into_iter().chain(shorter).map(Fault::RecoveryCrash).collect()
    }
}

/// Opening a database takes some ten operations; more is among its first commits.
const MOST_OPERATIONS: u32 = 24;

fn strategy(scope: &Scope) -> BoxedStrategy<Fault> {
    (0..=MOST_OPERATIONS, scope.down())
        .prop_map(|(after_operations, down_ms)| Fault::RecoveryCrash(RecoveryCrash { after_operations, down_ms }))
        .boxed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_told_in_a_persons_words() {
        let twice = RecoveryCrash { after_operations: 1, down_ms: 1_000 };
        let expected = "power loss, and another one 1 disk operation into the recovery, down for 1.000 s each time";
        assert_eq!(twice.describe(), expected);
    }
}
