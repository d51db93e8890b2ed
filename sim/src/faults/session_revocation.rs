//! A session revocation: a user ends the session of a device that is at work, from elsewhere (CG-5, IT-7).
//!
//! The operation `revoke_session` does the same by another device of the history, when that one has a connection and
//! nothing else to do. This one happens at its moment, whatever the user's devices go through.

use properties::trace::Concern;
use proptest::prelude::*;
use proptest::strategy::BoxedStrategy;
use serde::{Deserialize, Serialize};

use super::{Fault, Hazard, Kind, Population, Scope, Target};
use crate::world::Levers;

/// The line in the list of faults.
pub(super) const KIND: Kind = Kind {
    name: "session_revocation",
    summary: "a user ends the session of a device at work from elsewhere; it has to log in again by itself",
    concerns: Concern::Connections,
    lasts: false,
    strategy,
};

/// The sessions of some devices end: their users log in elsewhere, end them, and log out.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SessionRevocation {
    /// Whose.
    pub target: Target,
}

impl Hazard for SessionRevocation {
    fn kind(&self) -> &'static Kind {
        &KIND
    }

    fn describe(&self) -> String {
        format!("end the session of {} from elsewhere", self.target)
    }

    fn strike(&self, step: u32, levers: &Levers) {
        levers.revoke_sessions(step, &self.target);
    }

    fn lasts_ms(&self) -> u64 {
        0
    }

    fn target(&self) -> Option<&Target> {
        Some(&self.target)
    }

    fn aimed(&self, target: Target) -> Option<Fault> {
        Some(Fault::SessionRevocation(Self { target }))
    }

    fn simpler(&self, population: &Population) -> Vec<Fault> {
        self.narrower(population)
    }
}

fn strategy(scope: &Scope) -> BoxedStrategy<Fault> {
    let target = Target::one_device(&scope.population);
    target.prop_map(|target| Fault::SessionRevocation(SessionRevocation { target })).boxed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_told_in_a_persons_words() {
        let end = |target| SessionRevocation { target }.describe();
        assert_eq!(end(Target::Device("ana/phone".into())), "end the session of ana/phone from elsewhere");
    }
}
