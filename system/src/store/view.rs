//! Reading records: the same calls over a read transaction and inside the writer's own.

use redb::{ReadTransaction, ReadableDatabase, ReadableTable, TableDefinition, WriteTransaction};

use super::StoreError;
use super::key::{Key, Prefix};

/// All records but the log, by [`super::key`].
pub(super) const STATE: TableDefinition<'static, &[u8], &[u8]> = TableDefinition::new("state");

/// The events of all streams, by stream and position.
pub(super) const LOG: TableDefinition<'static, &[u8], &[u8]> = TableDefinition::new("log");

/// One consistent state of the database.
pub enum View<'a> {
    /// As of the last commit when it was opened.
    Read(ReadTransaction),
    /// As the writer's uncommitted transaction sees it.
    Write(&'a WriteTransaction),
}

impl View<'_> {
    /// The newest committed state.
    pub(crate) fn open(database: &redb::Database) -> Result<Self, StoreError> {
        Ok(Self::Read(database.begin_read()?))
    }

    /// The record under `key`, if there is one.
    ///
    /// # Errors
    /// The database fails, or the record is damaged.
    pub fn get<K: Key>(&self, key: &K) -> Result<Option<K::Value>, StoreError> {
        let key = key.encode();
        let read = |table: &dyn Lookup| table.lookup(&key);
        let bytes = self.with_table(STATE, read)?;
        bytes.map(|bytes| decode(&key, &bytes)).transpose()
    }

    /// All records whose keys begin with `prefix`, in the order of their keys.
    ///
    /// # Errors
    /// The database fails, or a record is damaged.
    pub fn list<P: Prefix>(&self, prefix: &P) -> Result<Vec<P::Value>, StoreError> {
        let first = prefix.encode();
        let end = after_prefix(&first);
        self.scan(STATE, &first, &end, usize::MAX, false)?.iter().map(|(key, bytes)| decode(key, bytes)).collect()
    }

    /// The last `limit` records whose keys begin with `prefix`, in the order of their keys.
    ///
    /// # Errors
    /// The database fails, or a record is damaged.
    pub fn last<P: Prefix>(&self, prefix: &P, limit: usize) -> Result<Vec<P::Value>, StoreError> {
        let first = prefix.encode();
        let end = after_prefix(&first);
        self.last_before::<P::Value>(&first, &end, limit)
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
        self.last_before::<P::Value>(&prefix.encode(), &end.encode(), limit)
    }

    fn last_before<T: serde::de::DeserializeOwned>(
        &self,
        first: &[u8],
        end: &[u8],
        limit: usize,
    ) -> Result<Vec<T>, StoreError> {
        let mut rows = self.scan(STATE, first, end, limit, true)?;
        rows.reverse();
        rows.iter().map(|(key, bytes)| decode(key, bytes)).collect()
    }

    /// Raw rows of `table` in `first..end`.
    pub(super) fn scan(
        &self,
        table: TableDefinition<'static, &[u8], &[u8]>,
        first: &[u8],
        end: &[u8],
        limit: usize,
        backwards: bool,
    ) -> Result<Rows, StoreError> {
        self.with_table(table, |table| table.rows(first, end, limit, backwards))
    }

    fn with_table<T>(
        &self,
        definition: TableDefinition<'static, &[u8], &[u8]>,
        read: impl FnOnce(&dyn Lookup) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        match self {
            Self::Read(transaction) => read(&transaction.open_table(definition)?),
            Self::Write(transaction) => read(&transaction.open_table(definition)?),
        }
    }
}

/// What both kinds of redb table can do.
trait Lookup {
    fn lookup(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError>;
    fn rows(&self, first: &[u8], end: &[u8], limit: usize, backwards: bool) -> Result<Rows, StoreError>;
}

type Rows = Vec<(Vec<u8>, Vec<u8>)>;
type Row<'a> = (redb::AccessGuard<'a, &'static [u8]>, redb::AccessGuard<'a, &'static [u8]>);

impl<T: ReadableTable<&'static [u8], &'static [u8]>> Lookup for T {
    fn lookup(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.get(key)?.map(|guard| guard.value().to_vec()))
    }

    fn rows(&self, first: &[u8], end: &[u8], limit: usize, backwards: bool) -> Result<Rows, StoreError> {
        let range = self.range::<&[u8]>(first..end)?;
        let copy = |row: Result<Row<'_>, redb::StorageError>| {
            let (key, value) = row?;
            Ok((key.value().to_vec(), value.value().to_vec()))
        };
        if backwards { range.rev().take(limit).map(copy).collect() } else { range.take(limit).map(copy).collect() }
    }
}

pub(super) fn decode<T: serde::de::DeserializeOwned>(key: &[u8], bytes: &[u8]) -> Result<T, StoreError> {
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
