//! A middlebox that forgets: connections on which nothing passed for a while are dead, and nobody is told (WS-7, IT-E1).

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
    name: "idle_drop",
    summary: "a box on the way forgets connections on which nothing passed for a while; nobody is told",
    concerns: Concern::Connections,
    lasts: true,
    strategy,
};

/// While it lasts, connections of some devices on which nothing passed for `idle_ms` are forgotten by a box on the way:
/// nothing passes on them ever again, and neither end is told. Only heartbeats and timeouts find out.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IdleDrop {
    /// Whose.
    pub target: Target,
    /// How long nothing must have passed.
    pub idle_ms: u64,
    /// For how long.
    pub for_ms: u64,
}

impl Disturbance for IdleDrop {
    const KIND: &'static Kind = &KIND;

    fn words(&self) -> String {
        let (idle, lasts) = (seconds(self.idle_ms), seconds(self.for_ms));
        format!("forget connections of {} that were idle for {idle}, for {lasts}", self.target)
    }

    fn condition(&self) -> Condition {
        Condition::ForgetsIdle { after_ms: self.idle_ms }
    }

    fn reach(&self) -> (&Target, u64) {
        (&self.target, self.for_ms)
    }

    fn reaching(&self, target: Target, for_ms: u64) -> Fault {
        Fault::IdleDrop(Self { target, for_ms, ..*self })
    }
}

fn strategy(scope: &Scope) -> BoxedStrategy<Fault> {
    (Target::strategy(&scope.population), 200_u64..=12_000, scope.outage())
        .prop_map(|(target, idle_ms, for_ms)| Fault::IdleDrop(IdleDrop { target, idle_ms, for_ms }))
        .boxed()
}

#[cfg(test)]
mod tests {
    use super::super::Hazard;
    use super::*;

    #[test]
    fn it_is_told_in_a_persons_words() {
        let drop = IdleDrop { target: Target::User("ana".into()), idle_ms: 2_000, for_ms: 9_000 };
        assert_eq!(drop.describe(), "forget connections of all devices of ana that were idle for 2.000 s, for 9.000 s");
    }
}
