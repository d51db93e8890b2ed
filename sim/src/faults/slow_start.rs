//! A slow start: the server is killed, and its successor takes its time (CG-7).

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
    name: "slow_start",
    summary: "the server's process is killed; its successor takes long until it listens",
    concerns: Concern::Process,
    lasts: false,
    strategy,
};

/// The server's process is killed; its successor runs and does not listen for a while, so that who connects is refused.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SlowStart {
    /// Until it is started again.
    pub down_ms: u64,
    /// How much longer it then takes until it listens.
    pub start_ms: u64,
}

impl Hazard for SlowStart {
    fn kind(&self) -> &'static Kind {
        &KIND
    }

    fn describe(&self) -> String {
        let (down, start) = (seconds(self.down_ms), seconds(self.start_ms));
        format!("kill the server, down for {down}, and {start} more until it listens")
    }

    fn strike(&self, step: u32, levers: &Levers) {
        levers.start_slowly(step, self.down_ms, self.start_ms);
    }

    fn lasts_ms(&self) -> u64 {
        self.down_ms + self.start_ms
    }

    fn simpler(&self, _: &Population) -> Vec<Fault> {
        let sooner = shorter(self.start_ms).into_iter().map(|start_ms| Self { start_ms, ..self.clone() });
        let shorter = shorter(self.down_ms).into_iter().map(|down_ms| Self { down_ms, ..self.clone() });
        sooner.chain(shorter).map(Fault::SlowStart).collect()
    }
}

fn strategy(scope: &Scope) -> BoxedStrategy<Fault> {
    (scope.down(), scope.down())
        .prop_map(|(down_ms, start_ms)| Fault::SlowStart(SlowStart { down_ms, start_ms }))
        .boxed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_told_in_a_persons_words() {
        let slow = SlowStart { down_ms: 1_000, start_ms: 2_500 };
        assert_eq!(slow.describe(), "kill the server, down for 1.000 s, and 2.500 s more until it listens");
    }
}
