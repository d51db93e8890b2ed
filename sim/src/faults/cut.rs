//! A cut: bytes between some devices and the server stop, as if a cable were pulled (IT-8, IT-E1).

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
    name: "cut",
    summary: "bytes between some devices and the server stop, one way or both, as if a cable were pulled",
    concerns: Concern::Connections,
    lasts: true,
    strategy,
};

/// Bytes between some devices and the server stop. A short cut is a delay; a long one lets the device give up while the
/// server still holds a half-open connection.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cut {
    /// Whose.
    pub target: Target,
    /// Which way.
    pub direction: Direction,
    /// For how long.
    pub for_ms: u64,
}

/// Which way a cut goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Both ways.
    Both,
    /// From the device to the server.
    Up,
    /// From the server to the device.
    Down,
}

impl Disturbance for Cut {
    const KIND: &'static Kind = &KIND;

    fn words(&self) -> String {
        let direction = match self.direction {
            Direction::Both => "both ways",
            Direction::Up => "towards the server",
            Direction::Down => "from the server",
        };
        format!("cut {} {direction} for {}", self.target, seconds(self.for_ms))
    }

    fn condition(&self) -> Condition {
        Condition::Closed { direction: self.direction, loses: true }
    }

    fn reach(&self) -> (&Target, u64) {
        (&self.target, self.for_ms)
    }

    fn reaching(&self, target: Target, for_ms: u64) -> Fault {
        Fault::Cut(Self { target, for_ms, ..*self })
    }
}

fn strategy(scope: &Scope) -> BoxedStrategy<Fault> {
    let direction = prop_oneof![4 => Just(Direction::Both), 1 => Just(Direction::Up), 2 => Just(Direction::Down)];
    (Target::strategy(&scope.population), direction, scope.outage())
        .prop_map(|(target, direction, for_ms)| Fault::Cut(Cut { target, direction, for_ms }))
        .boxed()
}

#[cfg(test)]
mod tests {
    use super::super::Hazard;
    use super::*;

    #[test]
    fn it_is_told_in_a_persons_words() {
        let cut = |target, direction| Cut { target, direction, for_ms: 5_600 }.describe();
        assert_eq!(cut(Target::Device("ana/phone".into()), Direction::Both), "cut ana/phone both ways for 5.600 s");
        assert_eq!(
            cut(Target::User("ana".into()), Direction::Up),
            "cut all devices of ana towards the server for 5.600 s"
        );
        assert_eq!(cut(Target::Everyone, Direction::Down), "cut everyone from the server for 5.600 s");
    }
}
