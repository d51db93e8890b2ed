//! `stormglass restore`: into a directory that is new or empty, all or nothing.

use std::fs::{self, File};
use std::io::{self, BufReader, Write};
use std::path::Path;

use super::backup_file::sync_directory_of;
use super::data_directory::{RESTORING, restoring};
use super::failure::Failure;
use super::verify::{self, verified};
use crate::Config;
use crate::platform::OsPlatform;
use crate::store::backup::{Restored, restore};

/// Puts a backup into the data directory, verifies it there, and only then gives it its place.
pub(super) fn run(config: &Config, from: &Path) -> Result<(), Failure> {
    let directory = Path::new(&config.data_directory);
    let file = File::open(from).map_err(|source| Failure::File { path: from.to_owned(), source })?;
    let failed = |source| Failure::File { path: directory.to_owned(), source };
    if !is_free(directory).map_err(failed)? {
        return Err(Failure::NotEmpty { directory: config.data_directory.clone() });
    }
    let place = restoring(directory);
    clear(&place).map_err(failed)?;
    let restored = fill(config, &place, from, file);
    if restored.is_err() {
        // What was wrong is told; that a half-made database is in the way would only distract from it.
        let _ = clear(&place);
    }
    let restored = restored?;
    let path = OsPlatform::new(directory).database_path();
    let made = OsPlatform::new(&place).database_path();
    fs::rename(made, &path)
        .and_then(|()| fs::remove_dir(&place))
        .and_then(|()| sync_directory_of(&path))
        .map_err(failed)?;
    tell(&restored, directory);
    Ok(())
}

fn fill(config: &Config, place: &Path, from: &Path, file: File) -> Result<Restored, Failure> {
    let platform = OsPlatform::new(place);
    let restored = restore(&platform, config.store.cache_bytes, BufReader::new(file))
        .map_err(|source| Failure::Restore { path: from.to_owned(), source })?;
    let config = Config { data_directory: place.display().to_string(), ..config.clone() };
    let findings = verified(&config)?;
    verify::tell_problems(&findings);
    match findings.problem_count() {
        0 => Ok(restored),
        problems => Err(Failure::NotWhole { directory: from.display().to_string(), problems }),
    }
}

/// Whether nothing is there but what an earlier restore left half done.
fn is_free(directory: &Path) -> io::Result<bool> {
    match fs::read_dir(directory) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
        Err(error) => Err(error),
        Ok(entries) => {
            for entry in entries {
                if entry?.file_name() != RESTORING {
                    return Ok(false);
                }
            }
            Ok(true)
        }
    }
}

fn clear(place: &Path) -> io::Result<()> {
    match fs::remove_dir_all(place) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn tell(restored: &Restored, directory: &Path) {
    let Restored { contents, streams, sessions_ended } = restored;
    let directory = directory.display();
    // The database is there, whoever reads this.
    let _ = writeln!(
        anstream::stdout(),
        "{directory}: restored {} rows up to event {}, and verified them\n\
         {streams} streams have a new epoch: clients start over from snapshots\n\
         {sessions_ended} sessions ended: everybody logs in again\n\
         to serve it: stormglass --data-directory {directory}",
        contents.rows,
        contents.header.last_commit
    );
}
