//! A bit of the server's disk flips while nobody looks (CG-7, IT-E5).

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
    name: "flipped_bit",
    summary: "the server is killed, and a bit of what lay still on its disk is wrong when it starts, until it is put right",
    concerns: Concern::Disk,
    lasts: true,
    strategy,
};

/// The server's process is killed, and while it is down one bit of what has lain still on its disk flips. After a while
/// an operator puts it right. Until then the server may refuse to start, or not need that bit: what it must not do is
/// to serve it.
///
/// Only what at least two syncs have left alone flips. A page of the newest commit that is damaged cannot be told from
/// one that was torn by the crash: redb then takes the commit before it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FlippedBit {
    /// Until the server is started.
    pub down_ms: u64,
    /// Until the bit is right again.
    pub for_ms: u64,
}

impl Hazard for FlippedBit {
    fn kind(&self) -> &'static Kind {
        &KIND
    }

    fn describe(&self) -> String {
        let (down, lasts) = (seconds(self.down_ms), seconds(self.for_ms));
        format!("kill the server, down for {down}, and flip a bit of its disk for {lasts}")
    }

    fn strike(&self, step: u32, levers: &Levers) {
        levers.flip_bit(step, self.down_ms, self.for_ms);
    }

    fn lasts_ms(&self) -> u64 {
        self.down_ms.max(self.for_ms)
    }

    fn simpler(&self, _: &Population) -> Vec<Fault> {
        let back = shorter(self.down_ms).into_iter().map(|down_ms| Self { down_ms, ..self.clone() });
        let right = shorter(self.for_ms).into_iter().map(|for_ms| Self { for_ms, ..self.clone() });
        back.chain(right).map(Fault::FlippedBit).collect()
    }
}

fn strategy(scope: &Scope) -> BoxedStrategy<Fault> {
    // It starts at least once before the bit is right.
    (scope.down(), 1_000_u64..=4_000)
        .prop_map(|(down_ms, more_ms)| Fault::FlippedBit(FlippedBit { down_ms, for_ms: down_ms + more_ms }))
        .boxed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_told_in_a_persons_words() {
        let flipped = FlippedBit { down_ms: 500, for_ms: 2_000 };
        let expected = "kill the server, down for 0.500 s, and flip a bit of its disk for 2.000 s";
        assert_eq!(flipped.describe(), expected);
    }
}
