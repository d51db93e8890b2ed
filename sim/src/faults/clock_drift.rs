//! A clock that drifts: the server's wall clock runs too fast or too slow (WS-6, CG-5).

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
    name: "clock_drift",
    summary: "the server's wall clock runs too fast or too slow",
    concerns: Concern::Clock,
    lasts: true,
    strategy,
};

/// The server's wall clock runs too fast or too slow. Timers are not touched, nor any other clock.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClockDrift {
    /// How much it gains each second; negative is what it loses.
    pub by_ms_each_s: i64,
    /// For how long.
    pub for_ms: u64,
}

impl Hazard for ClockDrift {
    fn kind(&self) -> &'static Kind {
        &KIND
    }

    fn describe(&self) -> String {
        let verb = if self.by_ms_each_s < 0 { "loses" } else { "gains" };
        let (by_ms, lasts) = (self.by_ms_each_s.unsigned_abs(), seconds(self.for_ms));
        format!("the server's clock {verb} {by_ms} ms each second for {lasts}")
    }

    fn strike(&self, step: u32, levers: &Levers) {
        levers.drift_clock(step, self.by_ms_each_s, self.for_ms);
    }

    fn lasts_ms(&self) -> u64 {
        self.for_ms
    }

    fn simpler(&self, _: &Population) -> Vec<Fault> {
        shorter(self.for_ms).into_iter().map(|for_ms| Fault::ClockDrift(Self { for_ms, ..self.clone() })).collect()
    }
}

/// A fifth: far beyond any crystal, and what a virtual machine that was paused or is corrected can show.
const MOST_MS_EACH_S: i64 = 200;

fn strategy(scope: &Scope) -> BoxedStrategy<Fault> {
    let by_ms_each_s = prop_oneof![1..=MOST_MS_EACH_S, -MOST_MS_EACH_S..=-1];
    // Shorter than a second is no drift.
    (by_ms_each_s, scope.outage())
        .prop_map(|(by_ms_each_s, for_ms)| Fault::ClockDrift(ClockDrift { by_ms_each_s, for_ms: for_ms.max(1_000) }))
        .boxed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_told_in_a_persons_words() {
        let drift = |by_ms_each_s| ClockDrift { by_ms_each_s, for_ms: 9_000 }.describe();
        assert_eq!(drift(20), "the server's clock gains 20 ms each second for 9.000 s");
        assert_eq!(drift(-1), "the server's clock loses 1 ms each second for 9.000 s");
    }
}
