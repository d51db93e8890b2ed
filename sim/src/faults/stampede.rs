//! A stampede: every connection breaks, and everybody comes back at once, again and again (WS-P1, IT-8).

use properties::trace::Concern;
use proptest::prelude::*;
use proptest::strategy::BoxedStrategy;
use serde::{Deserialize, Serialize};

use super::{Fault, Hazard, Kind, Population, Scope, Target};
use crate::words::amount;
use crate::world::Levers;

/// The line in the list of faults.
pub(super) const KIND: Kind = Kind {
    name: "stampede",
    summary: "every connection breaks at once, several times in a row: everybody comes back together",
    concerns: Concern::Connections,
    lasts: false,
    strategy,
};

/// Every connection breaks with a reset, several times in a row, so that everybody comes back together, and is thrown out
/// again in the midst of it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stampede {
    /// How often.
    pub waves: u32,
    /// From one to the next.
    pub every_ms: u64,
}

impl Hazard for Stampede {
    fn kind(&self) -> &'static Kind {
        &KIND
    }

    fn describe(&self) -> String {
        let waves = amount(self.waves.into(), "time", "times");
        format!("reset everyone {waves}, {} ms apart", self.every_ms)
    }

    fn strike(&self, step: u32, levers: &Levers) {
        for wave in 0..self.waves {
            levers.unless_healed_after(u64::from(wave) * self.every_ms, move |levers| {
                levers.reset(step, &Target::Everyone);
            });
        }
    }

    fn lasts_ms(&self) -> u64 {
        u64::from(self.waves.saturating_sub(1)) * self.every_ms
    }

    fn simpler(&self, _: &Population) -> Vec<Fault> {
        let fewer = (self.waves > 1).then(|| Self { waves: self.waves - 1, ..self.clone() });
        fewer.into_iter().map(Fault::Stampede).collect()
    }
}

fn strategy(_: &Scope) -> BoxedStrategy<Fault> {
    // From less than a round trip to what a whole login takes.
    (2_u32..=6, 40_u64..=900).prop_map(|(waves, every_ms)| Fault::Stampede(Stampede { waves, every_ms })).boxed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_told_in_a_persons_words() {
        let stampede = Stampede { waves: 3, every_ms: 200 };
        assert_eq!(stampede.describe(), "reset everyone 3 times, 200 ms apart");
        assert_eq!(stampede.lasts_ms(), 400);
    }
}
