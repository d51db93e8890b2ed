//! A full disk: nothing makes the server's file longer (CG-1).

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
    name: "full_disk",
    summary: "nothing makes the file of the server's disk longer",
    concerns: Concern::Disk,
    lasts: true,
    strategy,
};

/// The server's disk is full: what fits into its file is written, and nothing makes the file longer.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FullDisk {
    /// For how long.
    pub for_ms: u64,
}

impl Hazard for FullDisk {
    fn kind(&self) -> &'static Kind {
        &KIND
    }

    fn describe(&self) -> String {
        format!("the server's disk is full for {}", seconds(self.for_ms))
    }

    fn strike(&self, step: u32, levers: &Levers) {
        levers.sicken_disk(step, Ailment::Full, self.for_ms);
    }

    fn lasts_ms(&self) -> u64 {
        self.for_ms
    }

    fn simpler(&self, _: &Population) -> Vec<Fault> {
        shorter(self.for_ms).into_iter().map(|for_ms| Fault::FullDisk(Self { for_ms })).collect()
    }
}

fn strategy(scope: &Scope) -> BoxedStrategy<Fault> {
    scope.down().prop_map(|for_ms| Fault::FullDisk(FullDisk { for_ms })).boxed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_told_in_a_persons_words() {
        assert_eq!(FullDisk { for_ms: 2_000 }.describe(), "the server's disk is full for 2.000 s");
    }
}
