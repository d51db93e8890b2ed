//! The platform of a real machine.

use std::fs::{self, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use redb::DatabaseError;
use redb::backends::FileBackend;

use super::os_feed::OsFeed;
use super::{Backend, BoxFuture, FeedDirectory, Platform, Work};
use crate::protocol::Timestamp;

/// The file in the data directory that holds everything.
const DATABASE_FILE: &str = "stormglass.redb";

/// The operating system's clock and entropy, a data directory, and tokio's pool of blocking threads.
#[derive(Debug)]
pub struct OsPlatform {
    data_directory: PathBuf,
}

impl OsPlatform {
    /// A platform that keeps its data in `data_directory`, which is created when the database is opened.
    pub fn new(data_directory: impl Into<PathBuf>) -> Self {
        Self { data_directory: data_directory.into() }
    }

    /// The file that holds everything.
    pub fn database_path(&self) -> PathBuf {
        self.data_directory.join(DATABASE_FILE)
    }
}

impl Platform for OsPlatform {
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the real clock")]
    fn now(&self) -> Timestamp {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
    }

    #[expect(clippy::disallowed_methods, reason = "this is the one place that draws real entropy")]
    fn fill_random(&self, bytes: &mut [u8]) {
        getrandom::fill(bytes).expect("the operating system provides entropy");
    }

    fn open_database(&self) -> io::Result<Backend> {
        let path = self.database_path();
        create_private_directory(&self.data_directory)?;
        let file = private_file(&path)?;
        let backend = FileBackend::new(file).map_err(|error| match error {
            DatabaseError::DatabaseAlreadyOpen => {
                io::Error::new(io::ErrorKind::ResourceBusy, "another server has it open")
            }
            other => io::Error::other(other),
        })?;
        Ok(Box::new(backend))
    }

    fn watch_feed(&self, directory: &str) -> io::Result<Arc<dyn FeedDirectory>> {
        Ok(Arc::new(OsFeed::watch(Path::new(directory))?))
    }

    fn run_blocking(&self, work: Work) -> BoxFuture<()> {
        #[expect(clippy::disallowed_methods, reason = "this is the one place that leaves the runtime's threads")]
        let handle = tokio::task::spawn_blocking(work);
        Box::pin(async move {
            if let Err(error) = handle.await
                && let Ok(panic) = error.try_into_panic()
            {
                std::panic::resume_unwind(panic);
            }
        })
    }
}

/// The file, created empty if there is none. The directory may have been there before, open to others.
fn private_file(path: &Path) -> io::Result<fs::File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options.open(path)
}

/// The directory holds password hashes and the signing key: nobody but its owner may read it.
fn create_private_directory(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    builder.create(path)
}
