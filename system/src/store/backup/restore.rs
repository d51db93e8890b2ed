//! Putting a backup into an empty database, as a history of its own.
//!
//! What happened after the backup was taken is lost, and clients may have seen it. So each stream gets a new epoch
//! (PROTOCOL.md, promise 1): whoever comes back with a position of before is told to start over from a snapshot, rather
//! than taking position 17 of this history for position 17 of that. For the same reason no login survives: a session that
//! was ended after the backup would live again. The sessions are left out and the database gets a new signing key, so
//! that every token from before is void and everybody logs in anew with their password.

use std::collections::BTreeMap;
use std::io::Read;

use super::format::{Row, rows};
use super::read::{BackupError, BackupReader, Contents, ROWS};
use crate::platform::Platform;
use crate::protocol::{Epoch, StreamId};
use crate::store::database;
use crate::store::key::{Kind, log_place, stream_of};
use crate::store::log::Commit;
use crate::store::record::StreamHead;
use crate::store::view::{TableName, Tables};
use crate::store::{OpenError, StoreError};

/// Why nothing was restored. The database is as it was.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// The backup.
    #[error(transparent)]
    Backup(#[from] BackupError),
    /// The database to put it in.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// There is something in the database.
    #[error("the database is not empty: restore into a new directory")]
    NotEmpty,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What was restored.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Restored {
    /// What the backup held.
    pub contents: Contents,
    /// How many streams have a new epoch.
    pub streams: u64,
    /// How many logins ended.
    pub sessions_ended: u64,
}

/// Puts the backup that `input` reads into the empty database of `platform`, all of it in one transaction.
///
/// # Errors
/// [`RestoreError`]; then nothing was restored.
pub fn restore(platform: &dyn Platform, cache_bytes: usize, input: impl Read) -> Result<Restored, RestoreError> {
    let mut reader = BackupReader::begin(input)?;
    let database = database::open(platform, cache_bytes, false, 0)?.database;
    let transaction = database.begin_write().map_err(StoreError::from)?;
    let mut tables = Tables::open(&transaction)?;
    if !tables.are_new()? {
        return Err(RestoreError::NotEmpty);
    }
    let mut rewriting = Rewriting { platform, epochs: BTreeMap::new(), sessions_ended: 0 };
    let mut count = 0;
    while let Some(payload) = reader.next_payload()? {
        let rows = rows(&payload).ok_or_else(|| reader.damaged(ROWS))?;
        count += rows.len() as u64;
        for row in rows {
            let value = rewriting.rewrite(row).ok_or_else(|| reader.damaged("a record makes no sense"))?;
            if let Some(value) = value {
                tables.insert(row.table, row.key, &value)?;
            }
        }
    }
    drop(tables);
    transaction.commit().map_err(StoreError::from)?;
    let bytes = reader.place();
    Ok(Restored {
        contents: Contents { header: reader.header().clone(), rows: count, bytes },
        streams: rewriting.epochs.len() as u64,
        sessions_ended: rewriting.sessions_ended,
    })
}

/// What is not restored as it was.
struct Rewriting<'a> {
    platform: &'a dyn Platform,
    epochs: BTreeMap<StreamId, Epoch>,
    sessions_ended: u64,
}

impl Rewriting<'_> {
    /// What to store for a row: `Some(None)` is nothing. `None`: the row makes no sense.
    fn rewrite(&mut self, row: Row<'_>) -> Option<Option<Vec<u8>>> {
        match row.table {
            TableName::State => self.rewrite_record(row),
            TableName::Log => self.rewrite_event(row).map(Some),
            TableName::Blobs => Some(Some(row.value.to_vec())),
        }
    }

    fn rewrite_record(&mut self, Row { key, value, .. }: Row<'_>) -> Option<Option<Vec<u8>>> {
        match Kind::of(key)? {
            Kind::StreamKey => {
                let head: StreamHead = serde_json::from_slice(value).ok()?;
                let epoch = self.new_epoch(head.epoch);
                self.epochs.insert(stream_of(&key[1..])?, epoch);
                Some(Some(serde_json::to_vec(&StreamHead { epoch, ..head }).ok()?))
            }
            Kind::SessionKey => {
                self.sessions_ended += 1;
                Some(None)
            }
            // The new database has made its own key.
            Kind::UserSessionKey | Kind::KeyringKey => Some(None),
            _ => Some(Some(value.to_vec())),
        }
    }

    fn rewrite_event(&self, Row { key, value, .. }: Row<'_>) -> Option<Vec<u8>> {
        let (stream, _) = log_place(key)?;
        // The heads come before the events.
        let epoch = *self.epochs.get(&stream)?;
        Some(Commit::from_row(key, value).ok()?.with_epoch(epoch).to_row())
    }

    /// Any but the old one.
    fn new_epoch(&self, old: Epoch) -> Epoch {
        loop {
            let mut bytes = [0; 4];
            self.platform.fill_random(&mut bytes);
            let epoch = Epoch(u32::from_be_bytes(bytes));
            if epoch != old {
                return epoch;
            }
        }
    }
}
