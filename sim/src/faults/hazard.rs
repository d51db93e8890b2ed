//! What every fault can say about itself, so that a new one is one file and its lines in the enum and the list.

use std::fmt;

use properties::trace::{Concern, FaultKind};
use proptest::strategy::BoxedStrategy;

use super::{Fault, Kill, Moment, Population, Reset, Scope, Target};
use crate::world::Levers;

/// How long the server is away where that is all that matters.
const PLAIN_DOWN_MS: u64 = 100;

/// What every fault can say about itself, and which levers of the world it pulls.
pub trait Hazard {
    /// Its line in the list of faults.
    fn kind(&self) -> &'static Kind;

    /// What happens, in a person's words.
    fn describe(&self) -> String;

    /// Does it to the world, as the history's step `step`.
    fn strike(&self, step: u32, levers: &Levers);

    /// How long it lasts, in simulated milliseconds; 0 when it is over at once.
    fn lasts_ms(&self) -> u64;

    /// Whose connections it is about; none when it is about the server.
    fn target(&self) -> Option<&Target> {
        None
    }

    /// The same fault about somebody else; none when it is about the server.
    fn aimed(&self, _: Target) -> Option<Fault> {
        None
    }

    /// The same fault about some of those that it is about.
    fn narrower(&self, population: &Population) -> Vec<Fault> {
        let narrower = self.target().map(|target| target.narrower(population)).unwrap_or_default();
        narrower.into_iter().filter_map(|target| self.aimed(target)).collect()
    }

    /// The moment that it waits for, if it waits for one.
    fn awaits(&self) -> Option<&Moment> {
        None
    }

    /// The same fault made simpler in one respect, the simplest first. Each is strictly simpler, so that shrinking ends.
    fn simpler(&self, population: &Population) -> Vec<Fault>;
}

/// One kind of fault, as the list of faults has it.
#[derive(Clone, Copy)]
pub struct Kind {
    /// The name in saved histories, profiles and traces.
    pub name: &'static str,
    /// What it is, in one line.
    pub summary: &'static str,
    /// What it is done to.
    pub concerns: Concern,
    /// Whether it lasts for a while; otherwise it is over at once.
    pub lasts: bool,
    /// Draws one.
    pub strategy: fn(&Scope) -> BoxedStrategy<Fault>,
}

impl Kind {
    /// What the trace says of it.
    pub fn observed(&self) -> FaultKind {
        let Self { name, concerns, lasts, .. } = *self;
        FaultKind { name: name.into(), concerns, lasts }
    }
}

impl Fault {
    /// Its name in saved histories, profiles, traces and the list of faults.
    pub fn kind(&self) -> &'static str {
        self.hazard().kind().name
    }

    /// Its line in the list of faults.
    pub fn listed(&self) -> &'static Kind {
        self.hazard().kind()
    }

    /// What happens, in a person's words: `cut ana/phone both ways for 5.600 s`.
    pub fn describe(&self) -> String {
        self.hazard().describe()
    }

    /// Does it to the world, as the history's step `step`.
    pub fn strike(&self, step: u32, levers: &Levers) {
        self.hazard().strike(step, levers);
    }

    /// How long it lasts, in simulated milliseconds; 0 when it is over at once.
    pub fn lasts_ms(&self) -> u64 {
        self.hazard().lasts_ms()
    }

    /// Whose connections it is about; none when it is about the server.
    pub fn target(&self) -> Option<&Target> {
        self.hazard().target()
    }

    /// The same fault about somebody else; none when it is about the server.
    pub fn aimed(&self, target: Target) -> Option<Self> {
        self.hazard().aimed(target)
    }

    /// The moment that it waits for, if it waits for one.
    pub fn awaits(&self) -> Option<&Moment> {
        self.hazard().awaits()
    }

    /// The same fault made simpler in one respect, the simplest first: above all the plainest fault that may do as well, so
    /// that one bug comes down to one history, whichever of many faults it was found by.
    pub fn simpler(&self, population: &Population) -> Vec<Fault> {
        let mut simpler = self.plainer();
        simpler.extend(self.hazard().simpler(population));
        simpler
    }

    /// The plainest fault: the connections of a device (`user/device`) break.
    pub fn reset(device: String) -> Self {
        Self::Reset(Reset { target: Target::Device(device) })
    }

    /// The plainest faults: connections that break, and a process that is killed.
    fn plainer(&self) -> Vec<Fault> {
        let target = self.target().cloned().unwrap_or(Target::Everyone);
        let reset = Self::Reset(Reset { target });
        match self {
            Self::Reset(_) | Self::AtMoment(_) => Vec::new(),
            Self::Kill(_) => vec![reset],
            _ => vec![reset, Self::Kill(Kill { down_ms: PLAIN_DOWN_MS })],
        }
    }

    /// Whether the server's process ends without a word: what a history needs to test durability (CG-7).
    pub fn is_crash(&self) -> bool {
        match self {
            Self::AtMoment(fault) => fault.then.is_crash(),
            _ => matches!(self, Self::Kill(_) | Self::PowerLoss(_) | Self::SlowStart(_) | Self::RecoveryCrash(_)),
        }
    }

    pub(super) fn hazard(&self) -> &dyn Hazard {
        match self {
            Self::Cut(fault) => fault,
            Self::Stall(fault) => fault,
            Self::Bandwidth(fault) => fault,
            Self::Fragmentation(fault) => fault,
            Self::HalfOpen(fault) => fault,
            Self::Hang(fault) => fault,
            Self::IdleDrop(fault) => fault,
            Self::Loss(fault) => fault,
            Self::Refusal(fault) => fault,
            Self::SlowLink(fault) => fault,
            Self::SlowReader(fault) => fault,
            Self::Reset(fault) => fault,
            Self::Kill(fault) => fault,
            Self::PowerLoss(fault) => fault,
            Self::Restart(fault) => fault,
            Self::FailingRead(fault) => fault,
            Self::FailingSync(fault) => fault,
            Self::FullDisk(fault) => fault,
            Self::Overload(fault) => fault,
            Self::RecoveryCrash(fault) => fault,
            Self::SlowStart(fault) => fault,
            Self::SlowSync(fault) => fault,
            Self::ClockJump(fault) => fault,
            Self::ClockDrift(fault) => fault,
            Self::DeviceClock(fault) => fault,
            Self::FlippedBit(fault) => fault,
            Self::RollingRestart(fault) => fault,
            Self::Stampede(fault) => fault,
            Self::AtMoment(fault) => fault,
            Self::TokenExpiry(fault) => fault,
            Self::KeyRotation(fault) => fault,
            Self::SessionRevocation(fault) => fault,
            Self::DuplicateTab(fault) => fault,
        }
    }
}

impl fmt::Debug for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Kind").field("name", &self.name).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::strategy::{Strategy, ValueTree};
    use proptest::test_runner::TestRunner;

    use super::super::KINDS;
    use super::*;

    #[test]
    fn each_kind_draws_itself_and_keeps_its_shape_on_disk() {
        let mut runner = TestRunner::deterministic();
        let mut names = BTreeSet::new();
        for kind in KINDS {
            assert!(names.insert(kind.name), "{} is listed twice", kind.name);
            for _ in 0..200 {
                let fault = (kind.strategy)(&Scope::sample()).new_tree(&mut runner).expect("never rejects").current();
                assert_eq!(fault.kind(), kind.name);
                let json = serde_json::to_value(&fault).expect("a fault is plain data");
                assert_eq!(json["fault"], kind.name, "the tag on disk is the kind's name");
                assert_eq!(serde_json::from_value::<Fault>(json).expect("it was just written"), fault);
            }
        }
    }

    #[test]
    fn simplifying_ends_and_names_only_the_population() {
        let mut runner = TestRunner::deterministic();
        let scope = Scope::sample();
        for kind in KINDS {
            for _ in 0..50 {
                let mut fault = (kind.strategy)(&scope).new_tree(&mut runner).expect("never rejects").current();
                let mut rounds = 0;
                // Taking the last candidate each time is the slowest way down.
                while let Some(simpler) = fault.simpler(&scope.population).pop() {
                    assert_ne!(simpler, fault);
                    fault = simpler;
                    rounds += 1;
                    assert!(rounds < 100, "{} never gets simple", fault.describe());
                }
            }
        }
    }

    #[test]
    fn any_fault_may_come_down_to_a_plain_one() {
        let mut runner = TestRunner::deterministic();
        let scope = Scope::sample();
        for kind in KINDS.iter().filter(|kind| kind.name != "reset") {
            let fault = (kind.strategy)(&scope).new_tree(&mut runner).expect("never rejects").current();
            let simplest = fault.simpler(&scope.population).swap_remove(0);
            let Fault::Reset(Reset { target }) = &simplest else { panic!("{}", simplest.describe()) };
            assert_eq!(target, fault.target().unwrap_or(&Target::Everyone));
        }
    }

    #[test]
    fn an_unknown_field_of_a_fault_is_refused() {
        let error = serde_json::from_str::<Fault>(r#"{"fault": "kill", "down_ms": 5, "after": 1}"#).unwrap_err();
        assert!(error.to_string().contains("unknown field `after`, expected `down_ms`"), "{error}");
    }
}
