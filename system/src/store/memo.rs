//! Records that nearly every operation reads, kept as they were decoded: whoever acts, by which session, in which room.
//!
//! To find such a record and to read its JSON costs as much as the rest of a short operation. Only the writer uses it, in
//! its own transactions, and whatever is written is forgotten at once: what is remembered is what the transaction holds.

use std::any::Any;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::key::Kind;

/// How many records are remembered: those of some thousand people who talk at once. More begin anew.
const CAPACITY: usize = 8_192;

/// Decoded records by their keys.
#[derive(Default)]
pub(super) struct Memo(Mutex<BTreeMap<Vec<u8>, Arc<dyn Any + Send + Sync>>>);

impl Memo {
    /// Whether records under this key are remembered: the few kinds that rights are decided on.
    pub(super) fn is_for(key: &[u8]) -> bool {
        matches!(Kind::of(key), Some(Kind::SessionKey | Kind::UserKey | Kind::RoomKey | Kind::MemberKey))
    }

    /// The record, if it is remembered.
    pub(super) fn recall<T: Clone + 'static>(&self, key: &[u8]) -> Option<T> {
        self.lock().get(key)?.downcast_ref::<T>().cloned()
    }

    /// Remembers a record.
    pub(super) fn remember<T: Clone + Send + Sync + 'static>(&self, key: &[u8], record: &T) {
        let mut records = self.lock();
        if records.len() >= CAPACITY {
            records.clear();
        }
        records.insert(key.to_vec(), Arc::new(record.clone()));
    }

    /// A record changes.
    pub(super) fn forget(&self, key: &[u8]) {
        if Self::is_for(key) {
            self.lock().remove(key);
        }
    }

    /// All records under keys with this prefix go.
    pub(super) fn forget_all(&self, prefix: &[u8]) {
        self.lock().retain(|key, _| !key.starts_with(prefix));
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Vec<u8>, Arc<dyn Any + Send + Sync>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Memo {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Memo").finish_non_exhaustive()
    }
}
