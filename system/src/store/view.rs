//! Reading records: the same calls over a read transaction and inside the writer's own.
//!
//! The tables of the state and of the log are opened once for each transaction, not for each record, and records are
//! read where they lie. The table of chunks is opened where a chunk is wanted: few transactions want one.

use std::ops::{Bound, ControlFlow};
use std::sync::Arc;

use redb::{
    AccessGuard, Database, ReadOnlyTable, ReadTransaction, ReadableDatabase, ReadableTable, ReadableTableMetadata,
    StorageError, Table, TableDefinition, WriteTransaction,
};
use serde::de::DeserializeOwned;

use super::StoreError;
use super::key::{Key, Prefix};
use super::memo::Memo;
use super::state_table::StateTable;

/// All records but the log, by [`super::key`].
const STATE: TableDefinition<'static, Bytes, Bytes> = TableDefinition::new("state");

/// The events of all streams, by stream and position.
const LOG: TableDefinition<'static, Bytes, Bytes> = TableDefinition::new("log");

/// The tables, for what goes through all of them (`verify`, `backup`, `restore`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum TableName {
    /// All records but the log.
    State,
    /// The events of all streams.
    Log,
    /// The bytes of files.
    Blobs,
}

impl TableName {
    /// In the order in which a backup holds them: the heads of streams come before their events.
    pub(super) const ALL: [Self; 3] = [Self::State, Self::Log, Self::Blobs];

    /// Its name in the database and in a backup.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::State => "state",
            Self::Log => "log",
            Self::Blobs => "blobs",
        }
    }

    /// Its number in a backup: its place in [`TableName::ALL`].
    pub(super) fn number(self) -> u8 {
        self as u8
    }

    /// The table with a number.
    pub(super) fn of_number(number: u8) -> Option<Self> {
        Self::ALL.get(usize::from(number)).copied()
    }
}

/// The bytes of files, by file and number ([`super::chunk`]).
pub(super) const BLOBS: TableDefinition<'static, Bytes, Bytes> = TableDefinition::new("blobs");

pub(super) type Bytes = &'static [u8];

/// The bytes of a key, and its record.
pub type Row<T> = (Vec<u8>, T);

/// One consistent state of the database.
pub enum View<'a> {
    /// As of a commit.
    Read(Arc<Snapshot>),
    /// As the writer's uncommitted transaction sees it.
    Write(&'a Tables<'a>),
}

/// All tables as of one commit.
pub struct Snapshot {
    pub(super) transaction: ReadTransaction,
    state: ReadOnlyTable<Bytes, Bytes>,
    log: ReadOnlyTable<Bytes, Bytes>,
}

/// All tables of the writer's transaction.
pub struct Tables<'t> {
    pub(super) transaction: &'t WriteTransaction,
    pub(super) state: StateTable<'t>,
    pub(super) log: Table<'t, Bytes, Bytes>,
}

impl Snapshot {
    /// The newest committed state.
    pub(super) fn open(database: &Database) -> Result<Self, StoreError> {
        let transaction = database.begin_read()?;
        Ok(Self { state: transaction.open_table(STATE)?, log: transaction.open_table(LOG)?, transaction })
    }
}

impl<'t> Tables<'t> {
    /// Opens the tables, and creates them in an empty database.
    pub(super) fn open(transaction: &'t WriteTransaction) -> Result<Self, StoreError> {
        Self::open_with(transaction, Arc::default())
    }

    /// The same for a writer that remembers what it has read.
    pub(super) fn open_with(transaction: &'t WriteTransaction, memo: Arc<Memo>) -> Result<Self, StoreError> {
        Ok(Self {
            state: StateTable::new(transaction.open_table(STATE)?, memo),
            log: transaction.open_table(LOG)?,
            transaction,
        })
    }
}

impl Tables<'_> {
    /// Whether nothing is in them but what opening an empty database writes: its format and its signing key.
    pub(super) fn are_new(&self) -> Result<bool, StoreError> {
        Ok(self.state.len()? == 2 && self.log.is_empty()?)
    }

    /// Writes a row as it is, at once.
    pub(super) fn insert(&mut self, table: TableName, key: &[u8], value: &[u8]) -> Result<(), StoreError> {
        match table {
            TableName::State => self.state.insert(key, value)?,
            TableName::Log => drop(self.log.insert(key, value)?),
            TableName::Blobs => drop(self.transaction.open_table(BLOBS)?.insert(key, value)?),
        }
        Ok(())
    }
}

impl View<'_> {
    /// The record under `key`, if there is one.
    ///
    /// # Errors
    /// The database fails, or the record is damaged.
    pub fn get<K: Key>(&self, key: &K) -> Result<Option<K::Value>, StoreError> {
        let key = key.encode();
        match self {
            Self::Read(snapshot) => snapshot.state.lookup(&key)?.map(|found| decode(&key, found.bytes())).transpose(),
            Self::Write(tables) => tables.state.get(&key),
        }
    }

    /// Whether there is a record under `key`, whole or not.
    ///
    /// # Errors
    /// The database fails.
    pub fn contains<K: Key>(&self, key: &K) -> Result<bool, StoreError> {
        Ok(self.state().lookup(&key.encode())?.is_some())
    }

    /// Goes through the rows of a table after a key, in the order of their keys, until `each` says to stop.
    pub(super) fn walk(&self, table: TableName, after: Option<&[u8]>, each: &mut Walker<'_>) -> Result<(), StoreError> {
        match (table, self) {
            (TableName::State, _) => self.state().walk(after, each),
            (TableName::Log, _) => self.log().walk(after, each),
            (TableName::Blobs, Self::Read(snapshot)) => snapshot.transaction.open_table(BLOBS)?.walk(after, each),
            (TableName::Blobs, Self::Write(tables)) => tables.transaction.open_table(BLOBS)?.walk(after, each),
        }
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

    /// The first `limit` records whose keys begin with `prefix`, in the order of their keys.
    ///
    /// # Errors
    /// The database fails, or a record is damaged.
    pub fn first<P: Prefix>(&self, prefix: &P, limit: usize) -> Result<Vec<P::Value>, StoreError> {
        let first = prefix.encode();
        let end = after_prefix(&first);
        scan(self.state(), Span { first: &first, end: &end, limit, backwards: false }, decode)
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

    /// The first `limit` records from `first` on and before `end`, in the order of their keys.
    ///
    /// # Errors
    /// The database fails, or a record is damaged.
    pub fn range<K: Key>(&self, first: &K, end: &K, limit: usize) -> Result<Vec<K::Value>, StoreError> {
        let (first, end) = (first.encode(), end.encode());
        scan(self.state(), Span { first: &first, end: &end, limit, backwards: false }, decode)
    }

    /// The first `limit` records whose keys begin with `prefix` and come after `after`, in the order of their keys.
    ///
    /// # Errors
    /// The database fails, or a record is damaged.
    pub fn first_after<P: Prefix, K: Key<Value = P::Value>>(
        &self,
        prefix: &P,
        after: Option<&K>,
        limit: usize,
    ) -> Result<Vec<P::Value>, StoreError> {
        let prefix = prefix.encode();
        let first = after.map_or_else(|| prefix.clone(), |after| next_key(&after.encode()));
        scan(self.state(), Span { first: &first, end: &after_prefix(&prefix), limit, backwards: false }, decode)
    }

    /// The same, with the bytes of each key: for passes over records whatever their keys are made of.
    ///
    /// # Errors
    /// The database fails, or a record is damaged.
    pub fn rows_after<P: Prefix>(
        &self,
        prefix: &P,
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<Row<P::Value>>, StoreError> {
        let prefix = prefix.encode();
        let first = after.map_or_else(|| prefix.clone(), next_key);
        let span = Span { first: &first, end: &after_prefix(&prefix), limit, backwards: false };
        scan(self.state(), span, |key, value| Ok((key.to_vec(), decode(key, value)?)))
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
pub(super) struct Span<'a> {
    pub(super) first: &'a [u8],
    pub(super) end: &'a [u8],
    pub(super) limit: usize,
    pub(super) backwards: bool,
}

impl<'a> Span<'a> {
    /// The keys that it spans.
    pub(super) fn bounds(self) -> (Bound<&'a [u8]>, Bound<&'a [u8]>) {
        // An ordered map refuses an end before the beginning; for a table that is an empty range.
        (Bound::Included(self.first), Bound::Excluded(self.end.max(self.first)))
    }
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

/// What every kind of table can do.
pub(super) trait Lookup {
    fn lookup(&self, key: &[u8]) -> Result<Option<Found<'_>>, StorageError>;
    fn rows(&self, span: Span<'_>, each: &mut Each<'_>) -> Result<(), StoreError>;
    fn walk(&self, after: Option<&[u8]>, each: &mut Walker<'_>) -> Result<(), StoreError>;
}

/// A record, where it lies.
pub(super) enum Found<'a> {
    /// In the database.
    Stored(AccessGuard<'a, Bytes>),
    /// In what an operation has written that shares the commit.
    Written(&'a [u8]),
}

impl Found<'_> {
    pub(super) fn bytes(&self) -> &[u8] {
        match self {
            Self::Stored(guard) => guard.value(),
            Self::Written(bytes) => bytes,
        }
    }
}

/// Takes the key and the value of one row, and says whether to go on.
pub(super) type Walker<'a> = dyn FnMut(&[u8], &[u8]) -> Result<ControlFlow<()>, StoreError> + 'a;

/// Takes the key and the value of one row.
pub(super) type Each<'a> = dyn FnMut(&[u8], &[u8]) -> Result<(), StoreError> + 'a;

impl<T: ReadableTable<Bytes, Bytes>> Lookup for T {
    fn lookup(&self, key: &[u8]) -> Result<Option<Found<'_>>, StorageError> {
        Ok(self.get(key)?.map(Found::Stored))
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

    fn walk(&self, after: Option<&[u8]>, each: &mut Walker<'_>) -> Result<(), StoreError> {
        let first = after.map_or(Bound::Unbounded, Bound::Excluded);
        for row in self.range::<&[u8]>((first, Bound::Unbounded))? {
            let (key, value) = row?;
            if each(key.value(), value.value())?.is_break() {
                break;
            }
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

/// The least key that is greater than this one.
fn next_key(key: &[u8]) -> Vec<u8> {
    [key, &[0]].concat()
}

/// The least key that is greater than all keys with this prefix.
pub(super) fn after_prefix(prefix: &[u8]) -> Vec<u8> {
    let mut end = prefix.to_vec();
    while let Some(last) = end.pop() {
        if let Some(next) = last.checked_add(1) {
            end.push(next);
            return end;
        }
    }
    vec![0xff; prefix.len() + 1]
}
