//! A slow link: every segment takes longer, some more than others (IT-E1).

use properties::trace::Concern;
use proptest::prelude::*;
use proptest::strategy::BoxedStrategy;
use serde::{Deserialize, Serialize};

use super::disturbance::Disturbance;
use super::{Fault, Kind, Scope, Target};
use crate::network::Condition;
use crate::words::seconds;

/// The line in the list of faults.
pub(super) const KIND: Kind = Kind {
    name: "slow_link",
    summary: "every segment between some devices and the server takes longer, some more than others",
    concerns: Concern::Connections,
    lasts: true,
    strategy,
};

/// Every segment of some devices takes longer, both ways. Nothing is lost, so that what depends on the order of two
/// connections shows.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SlowLink {
    /// Whose.
    pub target: Target,
    /// What each takes longer.
    pub extra_ms: u64,
    /// What one may take longer than another.
    pub jitter_ms: u64,
    /// For how long.
    pub for_ms: u64,
}

impl Disturbance for SlowLink {
    const KIND: &'static Kind = &KIND;

    fn words(&self) -> String {
        let Self { target, extra_ms, jitter_ms, for_ms } = self;
        format!("slow {target} down by {extra_ms} to {} ms for {}", extra_ms + jitter_ms, seconds(*for_ms))
    }

    fn condition(&self) -> Condition {
        Condition::Slow { extra_ms: self.extra_ms, jitter_ms: self.jitter_ms }
    }

    fn reach(&self) -> (&Target, u64) {
        (&self.target, self.for_ms)
    }

    fn reaching(&self, target: Target, for_ms: u64) -> Fault {
        Fault::SlowLink(Self { target, for_ms, ..*self })
    }

    fn milder(&self) -> Option<Fault> {
        (self.jitter_ms > 0).then(|| Fault::SlowLink(Self { jitter_ms: 0, ..self.clone() }))
    }
}

fn strategy(scope: &Scope) -> BoxedStrategy<Fault> {
    (Target::strategy(&scope.population), 0_u64..=1_500, 0_u64..=1_500, scope.outage())
        .prop_map(|(target, extra_ms, jitter_ms, for_ms)| {
            Fault::SlowLink(SlowLink { target, extra_ms, jitter_ms, for_ms })
        })
        .boxed()
}

#[cfg(test)]
mod tests {
    use super::super::Hazard;
    use super::*;

    #[test]
    fn it_is_told_in_a_persons_words() {
        let slow = SlowLink { target: Target::User("ana".into()), extra_ms: 200, jitter_ms: 300, for_ms: 70 };
        assert_eq!(slow.describe(), "slow all devices of ana down by 200 to 500 ms for 0.070 s");
    }
}
