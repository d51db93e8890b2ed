//! The data directory as the subcommands find it.

use std::path::{Path, PathBuf};

use redb::Database;

use super::failure::Failure;
use super::panics;
use crate::Config;
use crate::platform::OsPlatform;
use crate::store::{self, OpenError};

/// Where a restore puts the database before it is whole.
pub(super) const RESTORING: &str = "restoring";

/// Opens the database of a directory that has one, checked page by page.
pub(super) fn open(config: &Config) -> Result<Database, Failure> {
    let directory = config.data_directory.clone();
    require_no_half_restore(&directory)?;
    let platform = OsPlatform::new(&directory);
    if !platform.database_path().is_file() {
        return Err(Failure::NoDatabase { directory });
    }
    panics::silenced(|| store::open(&platform, config.store.cache_bytes, true, 0))
        .map(|opened| opened.database)
        .map_err(|source| Failure::Open { directory, source })
}

/// That no restore was cut off here: what is served instead would be an empty database.
pub(super) fn require_no_half_restore(directory: &str) -> Result<(), Failure> {
    match restoring(directory).exists() {
        true => Err(Failure::HalfRestored { directory: directory.to_owned() }),
        false => Ok(()),
    }
}

/// Where a restore into `directory` works.
pub(super) fn restoring(directory: impl AsRef<Path>) -> PathBuf {
    directory.as_ref().join(RESTORING)
}

/// Whether somebody else has the database open.
pub(super) fn is_in_use(failure: &Failure) -> bool {
    matches!(failure, Failure::Open { source: OpenError::InUse, .. })
}
