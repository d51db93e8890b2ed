//! The table of the state as the writer's transaction has it: what is stored, and over it what the operations that share
//! the commit have written so far.
//!
//! Many who talk in one room change the same few records with each message. What they write is collected here, each
//! record once however often it is written, and stored in the order of the keys when all have decided: for sixty messages
//! that is a fifth of the writes to the tree. Every operation sees what those before it have written.

use std::collections::BTreeMap;
use std::sync::Arc;

use redb::{ReadableTable, ReadableTableMetadata, StorageError, Table};
use serde::de::DeserializeOwned;

use super::StoreError;
use super::memo::Memo;
use super::view::{Bytes, Each, Found, Lookup, Span, Walker, after_prefix, decode};

/// The state in the writer's transaction.
pub struct StateTable<'t> {
    stored: Table<'t, Bytes, Bytes>,
    /// By key; `None` where the record goes.
    pending: BTreeMap<Vec<u8>, Option<Vec<u8>>>,
    memo: Arc<Memo>,
}

impl<'t> StateTable<'t> {
    /// The table as it is stored, and what earlier transactions of the same writer have left in `memo`.
    pub(super) fn new(stored: Table<'t, Bytes, Bytes>, memo: Arc<Memo>) -> Self {
        Self { stored, pending: BTreeMap::new(), memo }
    }

    /// The record under `key`.
    pub(super) fn get<T>(&self, key: &[u8]) -> Result<Option<T>, StoreError>
    where
        T: DeserializeOwned + Clone + Send + Sync + 'static,
    {
        if !Memo::is_for(key) {
            return self.lookup(key)?.map(|found| decode(key, found.bytes())).transpose();
        }
        if let Some(record) = self.memo.recall(key) {
            return Ok(Some(record));
        }
        let record = self.lookup(key)?.map(|found| decode(key, found.bytes())).transpose()?;
        if let Some(record) = &record {
            self.memo.remember(key, record);
        }
        Ok(record)
    }

    /// Writes a record, or removes it, once [`StateTable::settle`] is called.
    pub(super) fn write(&mut self, key: Vec<u8>, value: Option<Vec<u8>>) {
        self.memo.forget(&key);
        self.pending.insert(key, value);
    }

    /// Removes everything under keys with this prefix.
    pub(super) fn erase(&mut self, prefix: &[u8]) -> Result<(), StorageError> {
        let end = after_prefix(prefix);
        self.memo.forget_all(prefix);
        self.pending.retain(|key, _| !key.starts_with(prefix));
        self.stored.retain_in::<&[u8], _>(prefix..end.as_slice(), |_, _| false)
    }

    /// Stores what was written, in the order of the keys.
    pub(super) fn settle(&mut self) -> Result<(), StorageError> {
        for (key, value) in std::mem::take(&mut self.pending) {
            match value {
                Some(value) => drop(self.stored.insert(key.as_slice(), value.as_slice())?),
                None => drop(self.stored.remove(key.as_slice())?),
            }
        }
        Ok(())
    }

    /// Stores a record at once: for passes that write more than memory holds.
    pub(super) fn insert(&mut self, key: &[u8], value: &[u8]) -> Result<(), StorageError> {
        self.memo.forget(key);
        self.stored.insert(key, value).map(drop)
    }

    /// How many records are stored.
    pub(super) fn len(&self) -> Result<u64, StorageError> {
        self.stored.len()
    }
}

impl Lookup for StateTable<'_> {
    fn lookup(&self, key: &[u8]) -> Result<Option<Found<'_>>, StorageError> {
        match self.pending.get(key) {
            Some(written) => Ok(written.as_deref().map(Found::Written)),
            None => self.stored.lookup(key),
        }
    }

    fn rows(&self, span: Span<'_>, each: &mut Each<'_>) -> Result<(), StoreError> {
        let mut written = self.pending.range::<[u8], _>(span.bounds());
        let mut next_written = if span.backwards { written.next_back() } else { written.next() };
        if next_written.is_none() {
            return self.stored.rows(span, each);
        }
        let mut stored = self.stored.range::<&[u8]>(span.first..span.end)?;
        let mut left = span.limit;
        let mut next_stored = None;
        let mut stored_is_over = false;
        while left > 0 {
            if next_stored.is_none() && !stored_is_over {
                next_stored = (if span.backwards { stored.next_back() } else { stored.next() }).transpose()?;
                stored_is_over = next_stored.is_none();
            }
            let order = match (&next_stored, &next_written) {
                (None, None) => break,
                (Some(_), None) => std::cmp::Ordering::Less,
                (None, Some(_)) => std::cmp::Ordering::Greater,
                (Some((key, _)), Some((written, _))) => {
                    let order = key.value().cmp(written);
                    if span.backwards { order.reverse() } else { order }
                }
            };
            if order.is_lt() {
                let (key, value) = next_stored.take().expect("it comes first");
                each(key.value(), value.value())?;
                left -= 1;
                continue;
            }
            // What was written stands for what is stored under the same key.
            if order.is_eq() {
                next_stored = None;
            }
            let (key, value) = next_written.take().expect("it comes first, or instead");
            if let Some(value) = value {
                each(key, value)?;
                left -= 1;
            }
            next_written = if span.backwards { written.next_back() } else { written.next() };
        }
        Ok(())
    }

    fn walk(&self, after: Option<&[u8]>, each: &mut Walker<'_>) -> Result<(), StoreError> {
        debug_assert!(self.pending.is_empty(), "who goes through everything goes through what is stored");
        self.stored.walk(after, each)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use redb::backends::InMemoryBackend;
    use redb::{Database, TableDefinition};

    use super::*;
    use crate::store::key::Kind;

    const TABLE: TableDefinition<'static, Bytes, Bytes> = TableDefinition::new("state");

    /// What a test does to a record: store it before the transaction, write it, remove it.
    fn changes() -> impl Strategy<Value = Vec<(u8, Option<u8>)>> {
        prop::collection::vec((0_u8..24, prop::option::weighted(0.7, any::<u8>())), 0..40)
    }

    proptest! {
        /// Whatever was stored, written, removed and erased: it reads as if all of it had been stored at once, before it
        /// is settled and after.
        #[test]
        fn it_reads_as_if_everything_were_stored(
            stored in prop::collection::btree_map(0_u8..24, any::<u8>(), 0..24),
            earlier in changes(),
            erased in prop::option::of(0_u8..24),
            later in changes(),
            (first, end, limit) in (0_u8..26, 0_u8..26, 0_usize..30),
        ) {
            let database = Database::builder().create_with_backend(InMemoryBackend::new()).unwrap();
            let transaction = database.begin_write().unwrap();
            let mut table = StateTable::new(transaction.open_table(TABLE).unwrap(), Arc::default());
            let mut expected = stored;
            for (number, value) in &expected {
                table.insert(&key(*number), &json(*value)).unwrap();
            }
            let write = |table: &mut StateTable<'_>, expected: &mut BTreeMap<u8, u8>, changes: Vec<(u8, Option<u8>)>| {
                for (number, value) in changes {
                    // What is read is remembered, and must be forgotten when it is written.
                    assert_eq!(table.get::<u8>(&key(number)).unwrap(), expected.get(&number).copied());
                    table.write(key(number), value.map(json));
                    match value {
                        Some(value) => drop(expected.insert(number, value)),
                        None => drop(expected.remove(&number)),
                    }
                }
            };
            write(&mut table, &mut expected, earlier);
            if let Some(erased) = erased {
                table.erase(&key(erased)).unwrap();
                expected.remove(&erased);
            }
            write(&mut table, &mut expected, later);
            let (first, end) = (first.min(end), first.max(end));
            for settled in [false, true] {
                if settled {
                    table.settle().unwrap();
                }
                for backwards in [false, true] {
                    let mut rows = Vec::new();
                    let (first_key, end_key) = (key(first), key(end));
                    let span = Span { first: &first_key, end: &end_key, limit, backwards };
                    table.rows(span, &mut |key, value| { rows.push((key[1], value.to_vec())); Ok(()) }).unwrap();
                    let in_range = expected.range(first..end).map(|(number, value)| (*number, json(*value)));
                    let wanted: Vec<(u8, Vec<u8>)> =
                        if backwards { in_range.rev().take(limit).collect() } else { in_range.take(limit).collect() };
                    prop_assert_eq!(rows, wanted, "settled: {}, backwards: {}", settled, backwards);
                }
                for number in 0..24 {
                    prop_assert_eq!(table.get::<u8>(&key(number)).unwrap(), expected.get(&number).copied());
                }
            }
        }
    }

    /// A key of a kind that is remembered.
    fn key(number: u8) -> Vec<u8> {
        vec![Kind::MemberKey as u8, number]
    }

    fn json(value: u8) -> Vec<u8> {
        value.to_string().into_bytes()
    }
}
