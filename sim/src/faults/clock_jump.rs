//! A clock jump: the server's wall clock is set, as a time service does it (WS-6, CG-5).

use properties::trace::Concern;
use proptest::prelude::*;
use proptest::strategy::BoxedStrategy;
use serde::{Deserialize, Serialize};

use super::{Fault, Hazard, Kind, Population, Scope};
use crate::words::seconds;
use crate::world::Levers;

/// The line in the list of faults.
pub(super) const KIND: Kind = Kind {
    name: "clock_jump",
    summary: "the server's wall clock jumps, forward or back",
    concerns: Concern::Clock,
    lasts: false,
    strategy,
};

/// The server's wall clock jumps. Timers are not touched, nor any other clock.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClockJump {
    /// By how much; negative is back.
    pub by_ms: i64,
}

const LEAST_JUMP_MS: i64 = 1_000;
const MOST_JUMP_MS: i64 = 120_000;

impl Hazard for ClockJump {
    fn kind(&self) -> &'static Kind {
        &KIND
    }

    fn describe(&self) -> String {
        let direction = if self.by_ms < 0 { "back" } else { "forward" };
        format!("the server's clock jumps {direction} by {}", seconds(self.by_ms.unsigned_abs()))
    }

    fn strike(&self, step: u32, levers: &Levers) {
        levers.set_clock(step, self.by_ms);
    }

    fn lasts_ms(&self) -> u64 {
        0
    }

    fn simpler(&self, _: &Population) -> Vec<Fault> {
        let candidates = [self.by_ms.signum() * LEAST_JUMP_MS, self.by_ms / 2 / LEAST_JUMP_MS * LEAST_JUMP_MS];
        let is_simpler = |by_ms: &i64| *by_ms != 0 && by_ms.unsigned_abs() < self.by_ms.unsigned_abs();
        candidates.into_iter().filter(is_simpler).map(|by_ms| Fault::ClockJump(Self { by_ms })).collect()
    }
}

fn strategy(_: &Scope) -> BoxedStrategy<Fault> {
    let by_ms = prop_oneof![LEAST_JUMP_MS..=MOST_JUMP_MS, -MOST_JUMP_MS..=-LEAST_JUMP_MS];
    by_ms.prop_map(|by_ms| Fault::ClockJump(ClockJump { by_ms })).boxed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_told_in_a_persons_words() {
        assert_eq!(ClockJump { by_ms: 61_000 }.describe(), "the server's clock jumps forward by 61.000 s");
        assert_eq!(ClockJump { by_ms: -1_000 }.describe(), "the server's clock jumps back by 1.000 s");
    }
}
