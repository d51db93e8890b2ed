//! Opening the database: whether it is free, whole, ours, and of a format that this program understands.
//!
//! A database that was closed is taken back exactly as it was, or refused: redb closes with a commit in two phases,
//! and every page under it has a checksum. After a sudden death the newest commit may be torn; then the one before it
//! is taken, which loses nothing that was acknowledged. What no checksum can tell apart: damage that hits the pages of
//! the newest commit *and* a sudden death before the next one.

use std::any::Any;
use std::io;
use std::ops::Bound;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use redb::{BackendError, Database, DatabaseError, StorageBackend, StorageError, TableHandle, WriteTransaction};

use super::StoreError;
use tokio::sync::watch;

use super::key::{FormatKey, Key, KeyringKey};
use super::keyring::{KeyringRecord, SECRET_BYTES};
use super::view::{BLOBS, TableName, Tables, View};
use crate::platform::{Backend, Platform};

/// The format that this program writes. A database of another one is refused.
pub const FORMAT: u32 = 3;

/// Why a database was not opened. Nothing of it was changed, but what redb repairs after a crash.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process has it.
    #[error("the data directory is in use by another server: stop that one, or choose another directory")]
    InUse,
    /// Another program wrote it.
    #[error("the database is not of this program: choose another directory, its contents are left as they are")]
    Foreign,
    /// The operating system refuses it.
    #[error("the data directory cannot be used: {0}; check its path, and who owns it")]
    Unreadable(io::Error),
    /// A newer program wrote it.
    #[error(
        "the data directory has format {found} and this program understands up to {FORMAT}: run the program that \
         wrote it, or a newer one"
    )]
    NewerFormat {
        /// The format found.
        found: u32,
    },
    /// A program of before the first release wrote it.
    #[error(
        "the data directory has format {found}, of before the first release, and this program reads {FORMAT}: start with \
         an empty directory"
    )]
    OlderFormat {
        /// The format found.
        found: u32,
    },
    /// It is not whole.
    #[error("the database is corrupted and will not be served: {reason}; restore it from a backup")]
    Corrupted {
        /// What is wrong.
        reason: String,
    },
}

/// A database that is open.
pub(crate) struct Opened {
    /// It.
    pub(crate) database: Database,
    /// How long its file is.
    pub(crate) size: FileSize,
    /// Whether the disk refused anything: redb then takes nothing more, and reads nothing.
    pub(crate) disk_failed: watch::Receiver<bool>,
}

/// How long a database's file is, by what was last asked of it: to know costs no call of the system.
#[derive(Clone, Debug, Default)]
pub(crate) struct FileSize(Arc<AtomicU64>);

impl FileSize {
    /// In bytes.
    pub(crate) fn bytes(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    fn set(&self, bytes: u64) {
        self.0.store(bytes, Ordering::Relaxed);
    }
}

/// Opens the platform's database, checks all of it, and makes it a Stormglass database if it is empty. From now on tokens
/// may live for `longest_token_ms`.
pub(crate) fn open(
    platform: &dyn Platform,
    cache_bytes: usize,
    verify: bool,
    longest_token_ms: u64,
) -> Result<Opened, OpenError> {
    let backend = platform.open_database().map_err(|error| match error.kind() {
        io::ErrorKind::ResourceBusy => OpenError::InUse,
        _ => OpenError::Unreadable(error),
    })?;
    let size = FileSize::default();
    size.set(backend.len().map_err(OpenError::Unreadable)?);
    let (failure, disk_failed) = watch::channel(false);
    let backend = WatchedBackend { backend, size: size.clone(), failure };
    // redb panics on some kinds of damage; to whoever starts the server that is one more corrupted database.
    let opened = catch_unwind(AssertUnwindSafe(|| {
        let mut builder = redb::Builder::new();
        builder.set_cache_size(cache_bytes);
        let mut database = builder.create_with_backend(backend)?;
        let whole = !verify || database.check_integrity()?;
        Ok((database, whole))
    }));
    let (database, whole) = match opened {
        Ok(opened) => opened.map_err(refusal)?,
        Err(panic) => return Err(corrupted(format!("its pages make no sense ({})", panic_text(&*panic)))),
    };
    if !whole {
        return Err(corrupted("it failed its integrity check"));
    }
    prepare(&database, platform, longest_token_ms)?;
    Ok(Opened { database, size, disk_failed })
}

/// Checks the format, or writes it and a new signing key into an empty database.
fn prepare(database: &Database, platform: &dyn Platform, longest_token_ms: u64) -> Result<(), OpenError> {
    let transaction = database.begin_write().map_err(corrupted)?;
    if is_foreign(&transaction).map_err(corrupted)? {
        return Err(OpenError::Foreign);
    }
    // Opening the tables creates them: later readers may rely on all of them.
    let complete = transaction.list_tables().map_err(corrupted)?.count() == TableName::ALL.len();
    transaction.open_table(BLOBS).map_err(corrupted)?;
    let mut tables = Tables::open(&transaction).map_err(corrupted)?;
    match View::Write(&tables).get(&FormatKey()).map_err(corrupted)? {
        Some(FORMAT) => {
            let longer = lengthen(&mut tables, longest_token_ms)?;
            drop(tables);
            // A database of before there were files gets their table now.
            return if complete && !longer {
                transaction.abort().map_err(corrupted)
            } else {
                transaction.commit().map_err(corrupted)
            };
        }
        Some(found) if found < FORMAT => return Err(OpenError::OlderFormat { found }),
        Some(found) => return Err(OpenError::NewerFormat { found }),
        None => {}
    }
    let mut secret = [0; SECRET_BYTES];
    platform.fill_random(&mut secret);
    let ring = KeyringRecord::new(secret, platform.now(), longest_token_ms);
    let format = serde_json::to_vec(&FORMAT).expect("a number is JSON");
    let ring = serde_json::to_vec(&ring).expect("keys are JSON");
    for (key, value) in [(FormatKey().encode(), format), (KeyringKey().encode(), ring)] {
        tables.state.insert(key.as_slice(), value.as_slice()).map_err(corrupted)?;
    }
    drop(tables);
    transaction.commit().map_err(corrupted)
}

/// Notes that tokens may live so long, before the first of them is signed. Whether any lived shorter so far.
fn lengthen(tables: &mut Tables<'_>, longest_token_ms: u64) -> Result<bool, OpenError> {
    // Whether they are whole is for whoever signs with them, and for `verify`.
    let mut ring = match View::Write(tables).get(&KeyringKey()) {
        Ok(Some(ring)) => ring,
        Ok(None) | Err(StoreError::Damaged { .. }) => return Ok(false),
        Err(error) => return Err(corrupted(error)),
    };
    let longer = ring.lengthen(longest_token_ms);
    if longer {
        let ring = serde_json::to_vec(&ring).expect("keys are JSON");
        tables.state.insert(KeyringKey().encode().as_slice(), ring.as_slice()).map_err(corrupted)?;
    }
    Ok(longer)
}

/// Whether somebody else's tables are in it. An empty database is nobody's yet.
fn is_foreign(transaction: &WriteTransaction) -> Result<bool, StorageError> {
    let ours = |name: &str| TableName::ALL.iter().any(|table| table.as_str() == name);
    Ok(transaction.list_tables()?.any(|table| !ours(table.name())) || transaction.list_multimap_tables()?.count() > 0)
}

fn panic_text(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("redb did not say why")
}

fn refusal(error: DatabaseError) -> OpenError {
    match error {
        DatabaseError::DatabaseAlreadyOpen => OpenError::InUse,
        DatabaseError::Storage(StorageError::Io(error)) => match error.kind() {
            io::ErrorKind::UnexpectedEof => corrupted("the file ends too early"),
            io::ErrorKind::InvalidData => corrupted(error),
            _ => OpenError::Unreadable(error),
        },
        DatabaseError::UpgradeRequired(version) => corrupted(format!("redb's file format {version} is too old")),
        other => corrupted(other),
    }
}

fn corrupted(reason: impl std::fmt::Display) -> OpenError {
    OpenError::Corrupted { reason: reason.to_string() }
}

/// redb wants a type, a platform gives a box; and how long the file gets, and whether the disk refuses anything, is of
/// interest.
#[derive(Debug)]
struct WatchedBackend {
    backend: Backend,
    size: FileSize,
    failure: watch::Sender<bool>,
}

impl WatchedBackend {
    /// After an error redb does nothing more, reading included, until it is opened again.
    fn note<T>(&self, outcome: io::Result<T>) -> io::Result<T> {
        if outcome.is_err() {
            self.failure.send_replace(true);
        }
        outcome
    }
}

impl StorageBackend for WatchedBackend {
    fn len(&self) -> io::Result<u64> {
        self.backend.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.note(self.backend.read(offset, out))
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.note(self.backend.set_len(len))?;
        self.size.set(len);
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        self.note(self.backend.sync_data())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.note(self.backend.write(offset, data))
    }

    fn close(&self) -> io::Result<()> {
        self.backend.close()
    }

    fn try_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.backend.try_lock_range(start, end)
    }

    fn try_lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.backend.try_lock_shared_range(start, end)
    }

    fn lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.backend.lock_range(start, end)
    }

    fn lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.backend.lock_shared_range(start, end)
    }

    fn unlock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.backend.unlock_range(start, end)
    }

    fn query_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.backend.query_lock_range(start, end)
    }
}
