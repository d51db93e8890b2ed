//! Overload: the server's machine is busy with other things (WS-P2).

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
    name: "overload",
    summary: "all work of the server that may block takes longer: its machine is busy",
    concerns: Concern::Work,
    lasts: true,
    strategy,
};

/// All work of the server that may block takes longer: reads, commits, passwords. Requests pile up.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Overload {
    /// How much longer each piece takes.
    pub each_ms: u64,
    /// For how long.
    pub for_ms: u64,
}

impl Hazard for Overload {
    fn kind(&self) -> &'static Kind {
        &KIND
    }

    fn describe(&self) -> String {
        format!("the server's work takes {} longer each time for {}", seconds(self.each_ms), seconds(self.for_ms))
    }

    fn strike(&self, step: u32, levers: &Levers) {
        levers.burden_server(step, self.each_ms, self.for_ms);
    }

    fn lasts_ms(&self) -> u64 {
        self.for_ms
    }

    fn simpler(&self, _: &Population) -> Vec<Fault> {
        shorter(self.for_ms).into_iter().map(|for_ms| Fault::Overload(Self { for_ms, ..self.clone() })).collect()
    }
}

fn strategy(scope: &Scope) -> BoxedStrategy<Fault> {
    (10_u64..=400, scope.outage()).prop_map(|(each_ms, for_ms)| Fault::Overload(Overload { each_ms, for_ms })).boxed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_told_in_a_persons_words() {
        let busy = Overload { each_ms: 250, for_ms: 2_000 };
        assert_eq!(busy.describe(), "the server's work takes 0.250 s longer each time for 2.000 s");
    }
}
