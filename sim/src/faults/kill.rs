//! A kill: the server's process ends without a word; its disk keeps all that it wrote (CG-7).

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
    name: "kill",
    summary: "the server's process is killed; its disk keeps all that it wrote",
    concerns: Concern::Process,
    lasts: false,
    strategy,
};

/// The server's process is killed; its disk keeps what it wrote, synced or not.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kill {
    /// Until it is started again.
    pub down_ms: u64,
}

impl Hazard for Kill {
    fn kind(&self) -> &'static Kind {
        &KIND
    }

    fn describe(&self) -> String {
        format!("kill the server, down for {}", seconds(self.down_ms))
    }

    fn strike(&self, step: u32, levers: &Levers) {
        levers.kill(step, self.down_ms);
    }

    fn lasts_ms(&self) -> u64 {
        self.down_ms
    }

    fn simpler(&self, _: &Population) -> Vec<Fault> {
        shorter(self.down_ms).into_iter().map(|down_ms| Fault::Kill(Self { down_ms })).collect()
    }
}

fn strategy(scope: &Scope) -> BoxedStrategy<Fault> {
    scope.down().prop_map(|down_ms| Fault::Kill(Kill { down_ms })).boxed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_told_in_a_persons_words() {
        assert_eq!(Kill { down_ms: 1_250 }.describe(), "kill the server, down for 1.250 s");
    }
}
