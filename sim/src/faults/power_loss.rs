//! A power loss: the disk keeps what was synced and an arbitrary part of the rest (CG-1, CG-7).

use properties::trace::Concern;
use proptest::prelude::*;
use proptest::strategy::BoxedStrategy;
use serde::{Deserialize, Serialize};

use super::scope::shorter;
use super::{Fault, Hazard, Kind, Population, Scope};
use crate::words::seconds;
use crate::world::Levers;

/// The line in the list of faults.
pub(super) const KIND: Kind = Kind {
    name: "power_loss",
    summary: "the power fails, at once or in the middle of a commit; unsynced writes are kept in part",
    concerns: Concern::Power,
    lasts: false,
    strategy,
};

/// The power fails; the disk keeps what was synced and an arbitrary part of the rest.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PowerLoss {
    /// How many more disk operations succeed first: 0 is at once, more is in the middle of a commit.
    pub after_operations: u32,
    /// Until the server is started again.
    pub down_ms: u64,
}

/// A few commits' worth: beyond it the power would seldom fail in the middle of the burst that it was drawn for.
const MOST_OPERATIONS: u32 = 40;

impl Hazard for PowerLoss {
    fn kind(&self) -> &'static Kind {
        &KIND
    }

    fn describe(&self) -> String {
        let down = seconds(self.down_ms);
        match self.after_operations {
            0 => format!("power loss, down for {down}"),
            1 => format!("power loss, 1 disk operation later, down for {down}"),
            count => format!("power loss, {count} disk operations later, down for {down}"),
        }
    }

    fn strike(&self, step: u32, levers: &Levers) {
        levers.lose_power(step, self.after_operations, self.down_ms);
    }

    fn lasts_ms(&self) -> u64 {
        self.down_ms
    }

    fn simpler(&self, _: &Population) -> Vec<Fault> {
        let sooner = self.after_operations > 0;
        let sooner = sooner.then_some(Self { after_operations: 0, ..self.clone() });
        let shorter = shorter(self.down_ms).into_iter().map(|down_ms| Self { down_ms, ..self.clone() });
        sooner.into_iter().chain(shorter).map(Fault::PowerLoss).collect()
    }
}

fn strategy(scope: &Scope) -> BoxedStrategy<Fault> {
    let after_operations = prop_oneof![1 => Just(0), 4 => 1..=MOST_OPERATIONS];
    (after_operations, scope.down())
        .prop_map(|(after_operations, down_ms)| Fault::PowerLoss(PowerLoss { after_operations, down_ms }))
        .boxed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_told_in_a_persons_words() {
        let loss = |after_operations| PowerLoss { after_operations, down_ms: 2_000 }.describe();
        assert_eq!(loss(0), "power loss, down for 2.000 s");
        assert_eq!(loss(1), "power loss, 1 disk operation later, down for 2.000 s");
        assert_eq!(loss(12), "power loss, 12 disk operations later, down for 2.000 s");
    }
}
