//! What the faults have in common that disturb the connections of some devices for a while.

use super::scope::shorter;
use super::{Fault, Hazard, Kind, Population, Target};
use crate::network::Condition;
use crate::world::Levers;

/// A fault that is one condition of the network, for some devices and for some time. The rest of what a [`Hazard`] must
/// say follows.
pub(super) trait Disturbance {
    /// Its line in the list of faults.
    const KIND: &'static Kind;

    /// What happens, in a person's words.
    fn words(&self) -> String;

    /// What it makes of the way of a device.
    fn condition(&self) -> Condition;

    /// Whose way, and for how long in simulated milliseconds.
    fn reach(&self) -> (&Target, u64);

    /// The same fault for somebody else, or for another time.
    fn reaching(&self, target: Target, for_ms: u64) -> Fault;

    /// The same fault made simpler in what only this kind has.
    fn milder(&self) -> Option<Fault> {
        None
    }
}

impl<D: Disturbance> Hazard for D {
    fn kind(&self) -> &'static Kind {
        D::KIND
    }

    fn describe(&self) -> String {
        self.words()
    }

    fn strike(&self, step: u32, levers: &Levers) {
        let (target, for_ms) = self.reach();
        levers.disturb(step, target, self.condition(), for_ms);
    }

    fn lasts_ms(&self) -> u64 {
        self.reach().1
    }

    fn target(&self) -> Option<&Target> {
        Some(self.reach().0)
    }

    fn aimed(&self, target: Target) -> Option<Fault> {
        Some(self.reaching(target, self.lasts_ms()))
    }

    fn simpler(&self, population: &Population) -> Vec<Fault> {
        let (target, for_ms) = self.reach();
        let narrower = target.narrower(population).into_iter().map(|target| self.reaching(target, for_ms));
        let shorter = shorter(for_ms).into_iter().map(|for_ms| self.reaching(target.clone(), for_ms));
        narrower.chain(shorter).chain(self.milder()).collect()
    }
}
