//! The hash chain over what is observed, and its head: equal for equal runs (SIM-3).

use properties::trace::{Entry, Trace};
use serde::Serialize;
use xxhash_rust::xxh3::Xxh3;

use super::canonical;

/// 128 bits of xxh3 over a whole trace: each observation is hashed after all before it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct Fingerprint(pub u128);

impl Fingerprint {
    /// The fingerprint of a trace, anew: that of the run that left it.
    pub fn of(trace: &Trace) -> Self {
        let mut chain = Chain::default();
        for entry in &trace.entries {
            chain.add(entry);
        }
        chain.head()
    }
}

/// Hashes observations while they come.
#[derive(Default)]
pub(super) struct Chain {
    hasher: Xxh3,
    entry: Vec<u8>,
}

impl Chain {
    /// Adds the next observation.
    pub(super) fn add(&mut self, entry: &Entry) {
        self.entry.clear();
        canonical::append(&mut self.entry, entry);
        self.hasher.update(&self.entry);
    }

    /// The hash of everything so far.
    pub(super) fn head(&self) -> Fingerprint {
        Fingerprint(self.hasher.digest128())
    }
}
