//! Reading records: the same calls over a read transaction and inside the writer's own.
//!
//! The two tables are opened once for each transaction, not for each record, and records are read where they lie.

use std::sync::Arc;

use redb::{
    AccessGuard, Database, ReadOnlyTable, ReadableDatabase, ReadableTable, StorageError, Table, TableDefinition,
    WriteTransaction,
};
use serde::de::DeserializeOwned;

use super::StoreError;
use super::key::{Key, Prefix};

/// All records but the log, by [`super::key`].
pub(super) const STATE: TableDefinition<'static, Bytes, Bytes> = TableDefinition::new("state");

/// The events of all streams, by stream and position.
pub(super) const LOG: TableDefinition<'static, Bytes, Bytes> = TableDefinition::new("log");

type Bytes = &'static [u8];

/// One consistent state of the database.
pub enum View<'a> {
    /// As of a commit.
    Read(Arc<Snapshot>),
    /// As the writer's uncommitted transaction sees it.
    Write(&'a Tables<'a>),
}

/// Both tables as of one commit.
pub struct Snapshot {
    state: ReadOnlyTable<Bytes, Bytes>,
    log: ReadOnlyTable<Bytes, Bytes>,
}

/// Both tables of the writer's transaction.
pub struct Tables<'t> {
    pub(super) state: Table<'t, Bytes, Bytes>,
    pub(super) log: Table<'t, Bytes, Bytes>,
}

impl Snapshot {
    /// The newest committed state.
    pub(super) fn open(database: &Database) -> Result<Self, StoreError> {
        let transaction = database.begin_read()?;
        Ok(Self { state: transaction.open_table(STATE)?, log: transaction.open_table(LOG)? })
    }
}

impl<'t> Tables<'t> {
    /// Opens both tables, and creates them in an empty database.
    pub(super) fn open(transaction: &'t WriteTransaction) -> Result<Self, StoreError> {
        Ok(Self { state: transaction.open_table(STATE)?, log: transaction.open_table(LOG)? })
    }
}

impl View<'_> {
    /// The record under `key`, if there is one.
    ///
    /// # Errors
    /// The database fails, or the record is damaged.
    pub fn get<K: Key>(&self, key: &K) -> Result<Option<K::Value>, StoreError> {
        let key = key.encode();
        let found = self.state().lookup(&key)?;
        found.map(|bytes| decode(&key, bytes.value())).transpose()
    }

    /// All records whose keys begin with `prefix`, in the order of their keys.
    ///
    /// # Errors
    /// The database fails, or a record is damaged.
    pub fn list<P: Prefix>(&self, prefix: &P) -> Result<Vec<P::Value>, StoreError> {
        let first = prefix.encode();
        let end = after_prefix(&first);
        scan(self.state(), Span { first: &first, end: &end, limit: usize::MAX, backwards: false }, decode)
    }

    /// The last `limit` records whose keys begin with `prefix`, in the order of their keys.
    ///
    /// # Errors
    /// The database fails, or a record is damaged.
    pub fn last<P: Prefix>(&self, prefix: &P, limit: usize) -> Result<Vec<P::Value>, StoreError> {
        let first = prefix.encode();
        let end = after_prefix(&first);
        self.last_before(&first, &end, limit)
    }

    /// The last `limit` records whose keys begin with `prefix` and come before `end`, in the order of their keys.
    ///
    /// # Errors
    /// The database fails, or a record is damaged.
    pub fn last_up_to<P: Prefix, K: Key<Value = P::Value>>(
        &self,
        prefix: &P,
        end: &K,
        limit: usize,
    ) -> Result<Vec<P::Value>, StoreError> {
        self.last_before(&prefix.encode(), &end.encode(), limit)
    }

    fn last_before<T: DeserializeOwned>(&self, first: &[u8], end: &[u8], limit: usize) -> Result<Vec<T>, StoreError> {
        let mut records = scan(self.state(), Span { first, end, limit, backwards: true }, decode)?;
        records.reverse();
        Ok(records)
    }

    /// What `read` makes of the first `limit` rows of the log in `first..end`.
    pub(super) fn scan_log<T>(
        &self,
        first: &[u8],
        end: &[u8],
        limit: usize,
        read: impl Fn(&[u8], &[u8]) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        scan(self.log(), Span { first, end, limit, backwards: false }, read)
    }

    fn state(&self) -> &dyn Lookup {
        match self {
            Self::Read(snapshot) => &snapshot.state,
            Self::Write(tables) => &tables.state,
        }
    }

    fn log(&self) -> &dyn Lookup {
        match self {
            Self::Read(snapshot) => &snapshot.log,
            Self::Write(tables) => &tables.log,
        }
    }
}

/// Some rows of a table, by their keys.
#[derive(Clone, Copy)]
struct Span<'a> {
    first: &'a [u8],
    end: &'a [u8],
    limit: usize,
    backwards: bool,
}

fn scan<T>(
    table: &dyn Lookup,
    span: Span<'_>,
    read: impl Fn(&[u8], &[u8]) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    let mut rows = Vec::new();
    table.rows(span, &mut |key, value| {
        rows.push(read(key, value)?);
        Ok(())
    })?;
    Ok(rows)
}

/// What both kinds of redb table can do.
trait Lookup {
    fn lookup(&self, key: &[u8]) -> Result<Option<AccessGuard<'_, Bytes>>, StorageError>;
    fn rows(&self, span: Span<'_>, each: &mut Each<'_>) -> Result<(), StoreError>;
}

/// Takes the key and the value of one row.
type Each<'a> = dyn FnMut(&[u8], &[u8]) -> Result<(), StoreError> + 'a;

impl<T: ReadableTable<Bytes, Bytes>> Lookup for T {
    fn lookup(&self, key: &[u8]) -> Result<Option<AccessGuard<'_, Bytes>>, StorageError> {
        self.get(key)
    }

    fn rows(&self, span: Span<'_>, each: &mut Each<'_>) -> Result<(), StoreError> {
        let mut range = self.range::<&[u8]>(span.first..span.end)?;
        for _ in 0..span.limit {
            let Some(row) = (if span.backwards { range.next_back() } else { range.next() }) else { break };
            let (key, value) = row?;
            each(key.value(), value.value())?;
        }
        Ok(())
    }
}

pub(super) fn decode<T: DeserializeOwned>(key: &[u8], bytes: &[u8]) -> Result<T, StoreError> {
    serde_json::from_slice(bytes).map_err(|error| StoreError::Damaged {
        key: String::from_utf8_lossy(key).escape_default().to_string(),
        reason: error.to_string(),
    })
}

/// The least key that is greater than all keys with this prefix.
fn after_prefix(prefix: &[u8]) -> Vec<u8> {
    let mut end = prefix.to_vec();
    while let Some(last) = end.pop() {
        if let Some(next) = last.checked_add(1) {
            end.push(next);
            return end;
        }
    }
    vec![0xff; prefix.len() + 1]
}
