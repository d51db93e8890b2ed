//! The folder of a campaign: who holds it, whose it is, and how things are written so that a kill at any moment leaves
//! either the old or the new.

use std::fs::{self, File, TryLockError};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::shard::Shard;
use crate::failure::Unwritable;

/// The version of the layout.
pub const FORMAT: u64 = 1;

/// What a campaign is, from its first run to its last.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    /// The version of the layout.
    pub format: u64,
    /// Random: by this a merge knows a folder again.
    pub id: String,
    /// The profile of its fresh seeds.
    pub profile: String,
    /// Its part of the seeds.
    pub shard: Shard,
    /// The seed that shards count from.
    pub first_seed: u64,
}

impl Identity {
    /// A campaign that nobody has seen yet.
    pub fn new(profile: String, shard: Shard, first_seed: u64) -> Self {
        // The keys of a hash map are random in each process: all that an identity needs.
        let half = || RandomState::new().build_hasher().finish();
        Self { format: FORMAT, id: format!("{:016x}{:016x}", half(), half()), profile, shard, first_seed }
    }
}

/// Why a folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// Another campaign is at work there.
    #[error("another campaign is at work in `{}`: wait for it, or give another folder", .0.display())]
    Busy(PathBuf),
    /// It holds something else.
    #[error("`{}` {what}: give another folder", place.display())]
    Other {
        /// The folder.
        place: PathBuf,
        /// What it holds.
        what: String,
    },
    /// It cannot be read.
    #[error("cannot read `{}`: {reason}", place.display())]
    Unreadable {
        /// What cannot be read.
        place: PathBuf,
        /// Why not.
        reason: String,
    },
    /// It cannot be written.
    #[error(transparent)]
    Unwritable(#[from] Unwritable),
}

/// A folder that is held for as long as this lives. The lock is the operating system's: it ends with its process.
#[derive(Debug)]
pub struct Folder {
    /// Where it is.
    pub root: PathBuf,
    _lock: File,
}

impl Folder {
    /// Makes the folder where there is none, and holds it.
    ///
    /// # Errors
    /// Somebody else holds it, or it cannot be made.
    pub fn hold(root: &Path) -> Result<Self, FolderError> {
        fs::create_dir_all(root).map_err(|error| unwritable(root, &error))?;
        let place = root.join("lock");
        let opened = File::options().create(true).truncate(false).write(true).open(&place);
        let lock = opened.map_err(|error| unwritable(&place, &error))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { root: root.to_owned(), _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(FolderError::Busy(root.to_owned())),
            Err(TryLockError::Error(error)) => Err(unwritable(&place, &error).into()),
        }
    }
}

/// Writes a file so that, whatever happens, it has its old content or its new.
///
/// # Errors
/// It cannot be written; then it has its old content.
pub fn write(place: &Path, content: &[u8]) -> Result<(), Unwritable> {
    write_with(place, content, true)
}

/// Writes a file that a kill leaves whole, and that a power loss may take: no disk is waited for.
///
/// # Errors
/// As for [`write()`].
pub fn write_soon(place: &Path, content: &[u8]) -> Result<(), Unwritable> {
    write_with(place, content, false)
}

fn write_with(place: &Path, content: &[u8], is_synced: bool) -> Result<(), Unwritable> {
    let attempt = || -> io::Result<()> {
        let folder = place.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(folder)?;
        let name = place.file_name().unwrap_or_default().to_string_lossy();
        let beside = folder.join(format!(".{name}.{}.part", std::process::id()));
        let written = File::create(&beside).and_then(|mut file| {
            file.write_all(content)?;
            if is_synced { file.sync_all() } else { Ok(()) }
        });
        // What was begun takes room that the next attempt needs.
        written.and_then(|()| fs::rename(&beside, place)).inspect_err(|_| drop(fs::remove_file(&beside)))?;
        if is_synced { File::open(folder)?.sync_all() } else { Ok(()) }
    };
    attempt().map_err(|error| unwritable(place, &error))
}

/// Writes data as JSON.
///
/// # Errors
/// As for [`write()`].
pub fn write_json(place: &Path, value: &impl Serialize) -> Result<(), Unwritable> {
    let text = serde_json::to_string_pretty(value).expect("it has only string keys and finite numbers") + "\n";
    write(place, text.as_bytes())
}

/// Reads data from JSON; nothing if there is no such file.
///
/// # Errors
/// It is there, and is something else.
pub fn read_json<T: DeserializeOwned>(place: &Path) -> Result<Option<T>, FolderError> {
    let unreadable = |reason: String| FolderError::Unreadable { place: place.to_owned(), reason };
    match fs::read_to_string(place) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(unreadable(error.to_string())),
        Ok(text) => serde_json::from_str(&text).map(Some).map_err(|error| unreadable(error.to_string())),
    }
}

/// The files of a folder with this ending, by name; none where there is no such folder.
///
/// # Errors
/// It is there, and cannot be read.
pub fn files(folder: &Path, extension: &str) -> Result<Vec<PathBuf>, FolderError> {
    let mut files = entries(folder)?;
    let is_hidden = |file: &PathBuf| file.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
    files.retain(|file| file.extension().is_some_and(|found| found == extension) && !is_hidden(file));
    Ok(files)
}

/// Everything in a folder, by name; nothing where there is no such folder.
///
/// # Errors
/// It is there, and cannot be read.
pub fn entries(folder: &Path) -> Result<Vec<PathBuf>, FolderError> {
    let read = || -> io::Result<Vec<PathBuf>> { fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect() };
    match read() {
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(Vec::new()),
        Err(error) => Err(FolderError::Unreadable { place: folder.to_owned(), reason: error.to_string() }),
        Ok(mut entries) => {
            entries.sort();
            Ok(entries)
        }
    }
}

/// A name that says what is in a text.
pub fn name_of(text: &str) -> String {
    format!("{:016x}", xxhash_rust::xxh3::xxh3_64(text.as_bytes()))
}

fn unwritable(place: &Path, error: &io::Error) -> Unwritable {
    Unwritable { place: place.to_owned(), reason: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_holds_a_folder_and_a_lock_that_nobody_holds_is_none() {
        let place = tempfile::tempdir().unwrap();
        let held = Folder::hold(place.path()).unwrap();
        assert!(matches!(Folder::hold(place.path()), Err(FolderError::Busy(_))));
        drop(held);
        // The file is still there, as after a kill.
        assert!(place.path().join("lock").exists());
        assert!(Folder::hold(place.path()).is_ok());
    }

    #[test]
    fn what_cannot_be_written_leaves_what_was_there() {
        let place = tempfile::tempdir().unwrap();
        let file = place.path().join("deep/er/file.json");
        write(&file, b"one").unwrap();
        write(&file, b"two").unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"two");
        assert_eq!(entries(file.parent().unwrap()).unwrap(), std::slice::from_ref(&file));
        let error = write(&file.join("below-a-file"), b"three").unwrap_err();
        assert!(error.to_string().starts_with("cannot write `"), "{error}");
        assert_eq!(fs::read(&file).unwrap(), b"two");
    }

    #[test]
    fn no_two_campaigns_are_the_same() {
        let new = || Identity::new("swarm".into(), Shard::WHOLE, 0).id;
        assert_ne!(new(), new());
    }
}
