//! A device's clock that is wrong by hours (CG-5, WS-6).

use properties::trace::Concern;
use proptest::prelude::*;
use proptest::strategy::BoxedStrategy;
use serde::{Deserialize, Serialize};

use super::{Fault, Hazard, Kind, Population, Scope, Target};
use crate::words::seconds;
use crate::world::Levers;

/// The line in the list of faults.
pub(super) const KIND: Kind = Kind {
    name: "device_clock",
    summary: "the wall clock of some devices is wrong, by up to a day, and what they date is dated wrong",
    concerns: Concern::Connections,
    lasts: false,
    strategy,
};

/// The wall clock of some devices jumps, and stays wrong. What their programs date with it, such as idempotency keys, is
/// dated wrong; nothing that the server decides may depend on it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeviceClock {
    /// Whose.
    pub target: Target,
    /// By how much; negative is back.
    pub by_ms: i64,
}

const HOUR_MS: i64 = 3_600_000;
const MOST_HOURS: i64 = 24;

impl Hazard for DeviceClock {
    fn kind(&self) -> &'static Kind {
        &KIND
    }

    fn describe(&self) -> String {
        let direction = if self.by_ms < 0 { "back" } else { "forward" };
        format!("the clock of {} jumps {direction} by {}", self.target, seconds(self.by_ms.unsigned_abs()))
    }

    fn strike(&self, step: u32, levers: &Levers) {
        levers.set_device_clocks(step, &self.target, self.by_ms);
    }

    fn lasts_ms(&self) -> u64 {
        0
    }

    fn target(&self) -> Option<&Target> {
        Some(&self.target)
    }

    fn aimed(&self, target: Target) -> Option<Fault> {
        Some(Fault::DeviceClock(Self { target, ..self.clone() }))
    }

    fn simpler(&self, population: &Population) -> Vec<Fault> {
        let narrower = self.narrower(population).into_iter();
        let hour = self.by_ms.signum() * HOUR_MS;
        let less = (hour.unsigned_abs() < self.by_ms.unsigned_abs()).then(|| Self { by_ms: hour, ..self.clone() });
        narrower.chain(less.into_iter().map(Fault::DeviceClock)).collect()
    }
}

fn strategy(scope: &Scope) -> BoxedStrategy<Fault> {
    let hours = prop_oneof![1..=MOST_HOURS, -MOST_HOURS..=-1];
    (Target::strategy(&scope.population), hours)
        .prop_map(|(target, hours)| Fault::DeviceClock(DeviceClock { target, by_ms: hours * HOUR_MS }))
        .boxed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_told_in_a_persons_words() {
        let wrong = DeviceClock { target: Target::Device("ana/phone".into()), by_ms: -HOUR_MS };
        assert_eq!(wrong.describe(), "the clock of ana/phone jumps back by 3600.000 s");
    }
}
