//! Operations at work: how often users did what, with which success, and how often while something was wrong.
//!
//! Not part of the trace: what is judged are the answers in it. This is what tells that histories reach everything.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use properties::trace::{FaultChange, Observation, Phase, ServerChange};
use serde::Serialize;

/// How one kind of operation fared.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
pub struct OperationCount {
    /// Begun by a device.
    pub done: u64,
    /// Of these, how many the server did.
    pub succeeded: u64,
    /// How many it refused for good.
    pub refused: u64,
    /// How many succeeded though something was wrong between their beginning and their answer.
    pub amid_faults: u64,
}

/// Counts operations. Clones count together.
#[derive(Clone, Default)]
pub(super) struct Operations(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    counts: BTreeMap<&'static str, OperationCount>,
    /// Steps of cuts and stalls that are on.
    weather: std::collections::BTreeSet<u32>,
    server_down: bool,
    /// How many faults have begun so far.
    begun: u64,
}

/// An operation under way.
pub(super) struct Counted {
    operations: Operations,
    kind: &'static str,
    /// How many faults had begun; none when one was on.
    calm_since: Option<u64>,
}

impl Operations {
    /// A device begins an operation.
    pub(super) fn began(&self, kind: &'static str) -> Counted {
        let mut state = self.lock();
        state.counts.entry(kind).or_default().done += 1;
        let calm_since = state.is_calm().then_some(state.begun);
        drop(state);
        Counted { operations: self.clone(), kind, calm_since }
    }

    /// Notices what goes wrong.
    pub(super) fn observe(&self, what: &Observation) {
        match what {
            Observation::Fault { kind, step, change: FaultChange::Began, .. } => {
                let mut state = self.lock();
                state.begun += 1;
                if kind.lasts {
                    state.weather.insert(*step);
                }
            }
            Observation::Fault { step, change: FaultChange::Ended, .. } => {
                self.lock().weather.remove(step);
            }
            Observation::Phase { phase: Phase::Healed } => self.lock().weather.clear(),
            Observation::Server { change: ServerChange::Started, .. } => {}
            Observation::Server { change, .. } => self.lock().server_down = *change != ServerChange::Listening,
            _ => {}
        }
    }

    /// The counts so far.
    pub(super) fn counts(&self) -> BTreeMap<&'static str, OperationCount> {
        self.lock().counts.clone()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn is_calm(&self) -> bool {
        self.weather.is_empty() && !self.server_down
    }
}

impl Counted {
    /// The server did it.
    pub(super) fn succeeded(self) {
        let mut state = self.operations.lock();
        let calm = state.is_calm() && self.calm_since == Some(state.begun);
        let count = state.counts.entry(self.kind).or_default();
        count.succeeded += 1;
        count.amid_faults += u64::from(!calm);
    }

    /// The server refused it for good.
    pub(super) fn refused(self) {
        self.operations.lock().counts.entry(self.kind).or_default().refused += 1;
    }
}

#[cfg(test)]
mod tests {
    use properties::trace::{Concern, FaultKind};

    use super::*;

    fn fault(step: u32, change: FaultChange) -> Observation {
        let kind = FaultKind { name: "cut".into(), concerns: Concern::Connections, lasts: true };
        Observation::Fault { kind, step, change, text: String::new() }
    }

    #[test]
    fn an_operation_is_amid_faults_when_one_is_on_at_any_time_of_it() {
        let operations = Operations::default();
        operations.began("send").succeeded();
        operations.observe(&fault(1, FaultChange::Began));
        let during = operations.began("send");
        operations.observe(&fault(1, FaultChange::Ended));
        during.succeeded();
        let around = operations.began("send");
        operations.observe(&fault(2, FaultChange::Began));
        operations.observe(&fault(2, FaultChange::Ended));
        around.succeeded();
        operations.began("send").refused();
        drop(operations.began("send"));
        let expected = OperationCount { done: 5, succeeded: 3, refused: 1, amid_faults: 2 };
        assert_eq!(operations.counts()["send"], expected);
    }
}
