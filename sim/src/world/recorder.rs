//! The one record of a run: every observation in order, the hash chain over them, and what the faults did.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use properties::trace::{At, Entry, FaultChange, Observation, Trace};
use serde::Serialize;
use system::protocol::StreamId;

use super::fingerprint::{Chain, Fingerprint};
use crate::clock;

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
pub struct Recorder(Arc<Mutex<Record>>);

#[derive(Default)]
struct Record {
    trace: Trace,
    chain: Chain,
    heads: BTreeMap<StreamId, u64>,
    faults: BTreeMap<&'static str, FaultCount>,
    effective_steps: std::collections::BTreeSet<u32>,
}

impl Recorder {
    /// Records what was observed just now.
    pub fn record(&self, what: Observation) {
        let at = At(u64::try_from(clock::elapsed().as_micros()).unwrap_or(u64::MAX));
        let mut record = self.lock();
        match &what {
            Observation::Committed { stream, seq, .. } => {
                record.heads.insert(*stream, *seq);
            }
            Observation::Fault { kind, change: FaultChange::Began, .. } => {
                record.faults.entry(kind).or_default().fired += 1;
            }
            _ => {}
        }
        let entry = Entry { at, what };
        record.chain.add(&entry);
        record.trace.entries.push(entry);
    }

    /// Records that a fault did something, and counts its step once.
    pub fn record_effect(&self, kind: &'static str, step: u32, text: String) {
        let mut record = self.lock();
        if record.effective_steps.insert(step) {
            record.faults.entry(kind).or_default().effective += 1;
        }
        drop(record);
        self.record(Observation::FaultEffect { kind, text });
    }

    /// How far each stream is, as far as the server's log has told.
    pub fn heads(&self) -> BTreeMap<StreamId, u64> {
        self.lock().heads.clone()
    }

    /// What was recorded since the beginning.
    pub fn finish(&self) -> (Trace, Fingerprint, BTreeMap<&'static str, FaultCount>) {
        let mut record = self.lock();
        let fingerprint = record.chain.head();
        (std::mem::take(&mut record.trace), fingerprint, std::mem::take(&mut record.faults))
    }

    fn lock(&self) -> MutexGuard<'_, Record> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
