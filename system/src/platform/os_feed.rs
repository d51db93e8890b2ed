//! The directory of conversation files on a real disk, watched through `notify`.
//!
//! Each company's directory has a watch of its own, set before the directory is listed: what comes after the listing is
//! told by the watch. Where a watch cannot be set (the kernel's limit, a network file system), the feed's scans remain.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, Metadata};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::UNIX_EPOCH;

use notify::event::{EventKind, ModifyKind};
use notify::{Config, Event, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::Notify;
use tracing::warn;

use super::BoxFuture;
use super::feed::{FEED_FILE_SUFFIX, FeedBytes, FeedChange, FeedDirectory, FeedPath, FeedScan, FeedStamp};

/// A directory on a real disk.
#[derive(Debug)]
pub(super) struct OsFeed {
    root: PathBuf,
    watches: Mutex<Watches>,
    changes: Arc<Changes>,
}

#[derive(Debug)]
struct Watches {
    watcher: RecommendedWatcher,
    /// The directories that are watched, and which they were: one that was made anew needs a new watch.
    companies: BTreeMap<String, u64>,
}

/// What the watches have told and nobody has taken yet.
#[derive(Debug, Default)]
struct Changes {
    pending: Mutex<Pending>,
    told: Notify,
}

#[derive(Debug, Default)]
struct Pending {
    files: BTreeSet<FeedPath>,
    anything: bool,
}

impl OsFeed {
    /// Watches `directory`.
    ///
    /// # Errors
    /// It is no directory that can be read and watched.
    pub(super) fn watch(directory: &Path) -> io::Result<Self> {
        // Whoever names the directory may name it by a link; what lies in it may be none.
        let root = fs::canonicalize(directory)?;
        fs::read_dir(&root)?;
        let changes = Arc::<Changes>::default();
        let (told, below) = (changes.clone(), root.clone());
        let handler = move |event: notify::Result<Event>| told.hear(&below, event);
        let mut watcher = RecommendedWatcher::new(handler, Config::default().with_follow_symlinks(false))
            .map_err(io::Error::other)?;
        watcher.watch(&root, RecursiveMode::NonRecursive).map_err(io::Error::other)?;
        let watches = Mutex::new(Watches { watcher, companies: BTreeMap::new() });
        Ok(Self { root, watches, changes })
    }

    /// Sets a watch on a company's directory, unless this very directory has one.
    fn watch_company(&self, name: &str, path: &Path, metadata: &Metadata) {
        let mut watches = lock(&self.watches);
        if watches.companies.get(name) == Some(&identity(metadata)) {
            return;
        }
        match watches.watcher.watch(path, RecursiveMode::NonRecursive) {
            Ok(()) => drop(watches.companies.insert(name.to_owned(), identity(metadata))),
            Err(error) => warn!(
                target: "stormglass::feed", directory = name, %error,
                "the directory cannot be watched: changes are found by scans, each `feed.rescan_ms`"
            ),
        }
    }

    /// Lists one company's directory.
    fn list(&self, company: &str, directory: &Path, scan: &mut FeedScan) -> io::Result<()> {
        for entry in fs::read_dir(directory)? {
            let entry = entry?;
            let Some(file) = entry.file_name().to_str().map(str::to_owned) else {
                let name = format!("{company}/{}", entry.file_name().to_string_lossy());
                scan.passed_over.insert(name, "its name is not UTF-8".to_owned());
                continue;
            };
            if !file.ends_with(FEED_FILE_SUFFIX) {
                continue;
            }
            let path = FeedPath { company: company.to_owned(), file };
            // Not following a link: that could lead out of the directory.
            match entry.path().symlink_metadata() {
                Ok(metadata) if metadata.is_file() => drop(scan.files.insert(path, stamp(&metadata))),
                Ok(_) => {
                    scan.passed_over.insert(path.to_string(), "it is a link or no file".to_owned());
                }
                // It went away since it was listed.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

impl FeedDirectory for OsFeed {
    fn scan(&self) -> io::Result<FeedScan> {
        let mut scan = FeedScan::default();
        for entry in fs::read_dir(&self.root)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = entry.path();
            match path.symlink_metadata() {
                Ok(metadata) if metadata.is_dir() => {
                    self.watch_company(&name, &path, &metadata);
                    if let Err(error) = self.list(&name, &path, &mut scan) {
                        scan.passed_over.insert(name.clone(), format!("it cannot be listed: {error}"));
                        scan.unlisted.insert(name.clone());
                    }
                    scan.companies.insert(name);
                }
                Ok(metadata) if metadata.is_symlink() => {
                    scan.passed_over.insert(name, "it is a link".to_owned());
                }
                Ok(_) if name.ends_with(FEED_FILE_SUFFIX) => {
                    let reason = "a conversation file lies in its company's directory, not beside it";
                    scan.passed_over.insert(name, reason.to_owned());
                }
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        lock(&self.watches).companies.retain(|name, _| scan.companies.contains(name));
        Ok(scan)
    }

    fn read(&self, path: &FeedPath, offset: u64, limit_bytes: u64) -> io::Result<Option<FeedBytes>> {
        let name = self.root.join(&path.company).join(&path.file);
        let opened = name.symlink_metadata().and_then(|listed| {
            if !listed.is_file() {
                return Ok(None);
            }
            let file = File::open(&name)?;
            let metadata = file.metadata()?;
            // A link may have taken its place in between.
            Ok((identity(&metadata) == identity(&listed)).then_some((file, metadata)))
        });
        let (mut file, metadata) = match opened {
            Ok(Some(opened)) => opened,
            Ok(None) => return Ok(None),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        file.seek(SeekFrom::Start(offset))?;
        let mut bytes = Vec::new();
        file.take(limit_bytes).read_to_end(&mut bytes)?;
        Ok(Some(FeedBytes { stamp: stamp(&metadata), bytes }))
    }

    fn changed(&self) -> BoxFuture<FeedChange> {
        let changes = self.changes.clone();
        Box::pin(async move {
            loop {
                if let Some(change) = changes.take() {
                    return change;
                }
                changes.told.notified().await;
            }
        })
    }
}

impl Changes {
    /// Notes what an event of `notify` says; on its thread.
    fn hear(&self, root: &Path, event: notify::Result<Event>) {
        let mut pending = lock(&self.pending);
        match event {
            Ok(event) if event.need_rescan() => pending.anything = true,
            Ok(Event { kind: EventKind::Access(_), .. }) => return,
            Ok(event) => {
                // What came or went by its name concerns more than one name.
                let moved = matches!(event.kind, EventKind::Remove(_) | EventKind::Modify(ModifyKind::Name(_)));
                for path in &event.paths {
                    match place(root, path) {
                        Place::File(_) if moved => pending.anything = true,
                        Place::File(path) => drop(pending.files.insert(path)),
                        Place::Directory => pending.anything = true,
                        Place::Elsewhere => {}
                    }
                }
            }
            Err(error) => {
                warn!(target: "stormglass::feed", %error, "changes may have been missed: everything is looked at");
                pending.anything = true;
            }
        }
        let news = pending.anything || !pending.files.is_empty();
        drop(pending);
        if news {
            self.told.notify_one();
        }
    }

    fn take(&self) -> Option<FeedChange> {
        let Pending { files, anything } = std::mem::take(&mut *lock(&self.pending));
        match (anything, files.is_empty()) {
            (true, _) => Some(FeedChange::Anything),
            (false, false) => Some(FeedChange::Files(files)),
            (false, true) => None,
        }
    }
}

/// What a path of an event is about.
enum Place {
    File(FeedPath),
    Directory,
    Elsewhere,
}

fn place(root: &Path, path: &Path) -> Place {
    let Ok(below) = path.strip_prefix(root) else { return Place::Elsewhere };
    let names = below.components().map(|component| match component {
        Component::Normal(name) => name.to_str(),
        _ => None,
    });
    match names.collect::<Vec<_>>()[..] {
        [] | [_] => Place::Directory,
        [Some(company), Some(file)] if file.ends_with(FEED_FILE_SUFFIX) => {
            Place::File(FeedPath { company: company.to_owned(), file: file.to_owned() })
        }
        _ => Place::Elsewhere,
    }
}

fn stamp(metadata: &Metadata) -> FeedStamp {
    let since_epoch = metadata.modified().ok().and_then(|modified| modified.duration_since(UNIX_EPOCH).ok());
    FeedStamp {
        identity: identity(metadata),
        length_bytes: metadata.len(),
        modified_ns: since_epoch.map_or(0, |since_epoch| i128::try_from(since_epoch.as_nanos()).unwrap_or(i128::MAX)),
    }
}

#[cfg(unix)]
fn identity(metadata: &Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(metadata)
}

#[cfg(not(unix))]
fn identity(_: &Metadata) -> u64 {
    0
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
