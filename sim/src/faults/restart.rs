//! A restart: the server is told to stop, may do so gracefully, and is started again (WS-8, CG-7).

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
    name: "restart",
    summary: "the server is told to stop gracefully, and started again",
    concerns: Concern::Process,
    lasts: false,
    strategy,
};

/// The server is told to stop, and started again.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Restart {
    /// Until it is started again.
    pub down_ms: u64,
}

impl Hazard for Restart {
    fn kind(&self) -> &'static Kind {
        &KIND
    }

    fn describe(&self) -> String {
        format!("restart the server, down for {}", seconds(self.down_ms))
    }

    fn strike(&self, step: u32, levers: &Levers) {
        levers.restart(step, self.down_ms);
    }

    fn lasts_ms(&self) -> u64 {
        self.down_ms
    }

    fn simpler(&self, _: &Population) -> Vec<Fault> {
        shorter(self.down_ms).into_iter().map(|down_ms| Fault::Restart(Self { down_ms })).collect()
    }
}

fn strategy(scope: &Scope) -> BoxedStrategy<Fault> {
    scope.down().prop_map(|down_ms| Fault::Restart(Restart { down_ms })).boxed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_told_in_a_persons_words() {
        assert_eq!(Restart { down_ms: 500 }.describe(), "restart the server, down for 0.500 s");
    }
}
