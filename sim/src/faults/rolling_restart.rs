//! A rolling restart: several deployments in a row (WS-8, CG-7).

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
    name: "rolling_restart",
    summary: "the server is restarted several times, each time as soon as the one before has come up",
    concerns: Concern::Process,
    lasts: false,
    strategy,
};

/// The server is told to stop, and started again, and told to stop as soon as it is up: a deployment that rolls forward
/// and back. Devices are sent away while they are still coming back.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RollingRestart {
    /// How often.
    pub times: u32,
    /// Until it is started again, each time.
    pub down_ms: u64,
}

/// What a stop and a start take beside the time that the server is down, each time: an estimate from above.
const EACH_MS: u64 = 2_000;

impl Hazard for RollingRestart {
    fn kind(&self) -> &'static Kind {
        &KIND
    }

    fn describe(&self) -> String {
        let times = amount(self.times.into(), "time", "times");
        format!("restart the server {times} in a row, down for {} each", seconds(self.down_ms))
    }

    fn strike(&self, step: u32, levers: &Levers) {
        levers.restart_again_and_again(step, self.times, self.down_ms);
    }

    fn lasts_ms(&self) -> u64 {
        u64::from(self.times) * (self.down_ms + EACH_MS)
    }

    fn simpler(&self, _: &Population) -> Vec<Fault> {
        let fewer = (self.times > 1).then(|| Self { times: self.times - 1, ..self.clone() });
        let shorter = shorter(self.down_ms).into_iter().map(|down_ms| Self { down_ms, ..self.clone() });
        fewer.into_iter().chain(shorter).map(Fault::RollingRestart).collect()
    }
}

fn strategy(scope: &Scope) -> BoxedStrategy<Fault> {
    (2_u32..=4, 50..=(*scope.down_ms.end()).min(1_500))
        .prop_map(|(times, down_ms)| Fault::RollingRestart(RollingRestart { times, down_ms }))
        .boxed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_told_in_a_persons_words() {
        let rolling = RollingRestart { times: 2, down_ms: 500 };
        assert_eq!(rolling.describe(), "restart the server 2 times in a row, down for 0.500 s each");
    }
}
