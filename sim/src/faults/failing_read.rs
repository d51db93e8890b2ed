//! A failing read: the disk cannot give back what it holds (CG-1).

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
    name: "failing_read",
    summary: "reads of the server's disk fail",
    concerns: Concern::Disk,
    lasts: true,
    strategy,
};

/// Reads of the server's disk fail. What it holds is as it was.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FailingRead {
    /// For how long.
    pub for_ms: u64,
}

impl Hazard for FailingRead {
    fn kind(&self) -> &'static Kind {
        &KIND
    }

    fn describe(&self) -> String {
        format!("the server's disk fails to read for {}", seconds(self.for_ms))
    }

    fn strike(&self, step: u32, levers: &Levers) {
        levers.sicken_disk(step, Ailment::ReadsFail, self.for_ms);
    }

    fn lasts_ms(&self) -> u64 {
        self.for_ms
    }

    fn simpler(&self, _: &Population) -> Vec<Fault> {
        shorter(self.for_ms).into_iter().map(|for_ms| Fault::FailingRead(Self { for_ms })).collect()
    }
}

fn strategy(scope: &Scope) -> BoxedStrategy<Fault> {
    scope.down().prop_map(|for_ms| Fault::FailingRead(FailingRead { for_ms })).boxed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_told_in_a_persons_words() {
        assert_eq!(FailingRead { for_ms: 2_000 }.describe(), "the server's disk fails to read for 2.000 s");
    }
}
