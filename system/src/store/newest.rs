//! The newest committed state, opened once after each commit and shared by all who read until the next.
//!
//! To begin a read and find the tables costs as much as to read a record. And while the state before a commit is held,
//! redb leaves the pages that the commit freed to the next commit, instead of writing about them twice.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use redb::Database;

use super::StoreError;
use super::view::{Snapshot, View};

/// The newest committed state.
pub(crate) struct Newest(Mutex<Arc<Snapshot>>);

impl Newest {
    /// Opens it.
    pub(crate) fn open(database: &Database) -> Result<Self, StoreError> {
        Ok(Self(Mutex::new(Arc::new(Snapshot::open(database)?))))
    }

    /// Reads it.
    pub(crate) fn view(&self) -> View<'static> {
        View::Read(self.0.lock().unwrap_or_else(PoisonError::into_inner).clone())
    }

    /// From now on this is read, which was opened after a commit.
    pub(super) fn show(&self, snapshot: Snapshot) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(snapshot);
    }
}

impl fmt::Debug for Newest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Newest").finish_non_exhaustive()
    }
}
