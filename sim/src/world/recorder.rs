//! The one record of a run: every observation in order, the hash chain over them, and what the faults did.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use properties::trace::{At, Entry, FaultChange, Observation, Trace};
use serde::Serialize;
use system::protocol::StreamId;
use tokio::time::Instant;

use super::fingerprint::{Chain, Fingerprint};
use super::moments::{MomentCount, Moments};
use super::operations::{OperationCount, Operations};
use crate::activity::{self, DEVICES, Kind};
use crate::clock;
use crate::faults::Kind as FaultLine;

/// How often a kind of fault was applied, and how often that did something.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
pub struct FaultCount {
    /// Applied.
    pub fired: u64,
    /// Of these, how many had an effect: bytes were held back, a connection broke, a write was lost.
    pub effective: u64,
}

/// Takes observations. Clones write to the same record.
#[derive(Clone, Default)]
pub struct Recorder {
    /// When it began, where what is recorded happens in real time; absent in a simulated world.
    began: Option<Instant>,
    record: Arc<Mutex<Record>>,
    operations: Operations,
    moments: Moments,
    /// What the server says is not heard any more.
    server_is_mute: Arc<AtomicBool>,
}

#[derive(Default)]
struct Record {
    trace: Trace,
    chain: Chain,
    heads: BTreeMap<StreamId, u64>,
    faults: BTreeMap<&'static str, FaultCount>,
    /// The faults that have struck, by their steps.
    struck: BTreeMap<u32, &'static FaultLine>,
    effective_steps: BTreeSet<u32>,
}

/// What is left of a run's record.
pub(super) struct Finished {
    pub(super) trace: Trace,
    pub(super) fingerprint: Fingerprint,
    pub(super) faults: BTreeMap<&'static str, FaultCount>,
    pub(super) operations: BTreeMap<&'static str, OperationCount>,
    pub(super) moments: BTreeMap<&'static str, MomentCount>,
}

impl Recorder {
    /// A record of what happens in real time, from now on.
    pub(crate) fn in_real_time() -> Self {
        Self { began: Some(Instant::now()), ..Self::default() }
    }

    /// How much time has passed since the beginning.
    pub(crate) fn elapsed(&self) -> Duration {
        self.began.map_or_else(clock::elapsed, |began| began.elapsed())
    }

    /// The last observation that `find` finds something in.
    pub(crate) fn latest<T>(&self, find: impl Fn(&Observation) -> Option<T>) -> Option<T> {
        self.lock().trace.entries.iter().rev().find_map(|entry| find(&entry.what))
    }

    /// All that was recorded, which is taken out: what comes later is not asked for.
    pub(crate) fn into_trace(self) -> Trace {
        self.finish().trace
    }

    /// Records what was observed just now, and lets happen what waits for it.
    pub fn record(&self, what: Observation) {
        let at = At(u64::try_from(self.elapsed().as_micros()).unwrap_or(u64::MAX));
        let mut record = self.lock();
        if let Observation::Committed { stream, seq, .. } = &what {
            record.heads.insert(*stream, *seq);
        }
        self.operations.observe(&what);
        let noticed = self.moments.is_awaited().then(|| what.clone());
        let entry = Entry { at, what };
        record.chain.add(&entry);
        let number = record.trace.entries.len();
        record.trace.entries.push(entry);
        drop(record);
        // What it says is in the other chain; here is its place among what was done.
        activity::note(Kind::Observed, number as u64, || (DEVICES, String::new(), number.to_string(), String::new()));
        if let Some(what) = noticed {
            self.moments.notice(&what);
        }
    }

    /// Records that a fault strikes.
    pub fn begin_fault(&self, step: u32, kind: &'static FaultLine, text: String) {
        let mut record = self.lock();
        record.struck.insert(step, kind);
        record.faults.entry(kind.name).or_default().fired += 1;
        drop(record);
        self.record(Observation::Fault { kind: kind.observed(), step, change: FaultChange::Began, text });
    }

    /// Records that the fault of that step did something, and counts it once.
    pub fn record_effect(&self, step: u32, text: String) {
        let mut record = self.lock();
        let Some(kind) = record.struck.get(&step).copied() else { return };
        if record.effective_steps.insert(step) {
            record.faults.entry(kind.name).or_default().effective += 1;
        }
        drop(record);
        self.record(Observation::FaultEffect { kind: kind.observed(), text });
    }

    /// Records that the fault of that step is over.
    pub fn end_fault(&self, step: u32) {
        let Some(kind) = self.lock().struck.get(&step).copied() else { return };
        let text = format!("the {} is over", kind.name.replace('_', " "));
        self.record(Observation::Fault { kind: kind.observed(), step, change: FaultChange::Ended, text });
    }

    /// How far each stream is, as far as the server's log has told.
    pub fn heads(&self) -> BTreeMap<StreamId, u64> {
        self.lock().heads.clone()
    }

    /// The count of what users did.
    pub(super) fn operations(&self) -> &Operations {
        &self.operations
    }

    /// Who waits for which moment.
    pub(super) fn moments(&self) -> &Moments {
        &self.moments
    }

    /// Whether the server's process is as good as dead: nothing that it says is heard.
    pub(super) fn mute_server(&self, is_mute: bool) {
        self.server_is_mute.store(is_mute, Ordering::Relaxed);
    }

    /// What [`Recorder::mute_server`] sets, for whoever must do so in the midst of something else.
    pub(super) fn server_mute(&self) -> Arc<AtomicBool> {
        self.server_is_mute.clone()
    }

    /// As [`Recorder::mute_server`] said last.
    pub(super) fn server_is_mute(&self) -> bool {
        self.server_is_mute.load(Ordering::Relaxed)
    }

    /// What was recorded since the beginning.
    pub(super) fn finish(&self) -> Finished {
        self.moments.forget();
        let mut record = self.lock();
        let fingerprint = record.chain.head();
        Finished {
            trace: std::mem::take(&mut record.trace),
            fingerprint,
            faults: std::mem::take(&mut record.faults),
            operations: self.operations.counts(),
            moments: self.moments.counts(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Record> {
        self.record.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
