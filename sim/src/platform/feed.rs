//! The directory of conversation files in the world: another program's, so that no fault of the server's touches it.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use system::platform::{BoxFuture, FeedBytes, FeedChange, FeedDirectory, FeedPath, FeedScan, FeedStamp};
use tokio::sync::watch;

/// A directory of conversation files. Clones are the same directory.
#[derive(Clone, Debug)]
pub struct FeedFiles {
    inner: Arc<Mutex<Inner>>,
    /// Counts the changes.
    changes: Arc<watch::Sender<u64>>,
}

#[derive(Debug, Default)]
struct Inner {
    files: BTreeMap<FeedPath, File>,
    /// Files made so far.
    made: u64,
    /// Every change: its number, and the file if its name is all that a watch would tell.
    log: Vec<Option<FeedPath>>,
}

#[derive(Debug)]
struct File {
    identity: u64,
    changed: u64,
    bytes: Vec<u8>,
}

impl Default for FeedFiles {
    fn default() -> Self {
        Self { inner: Arc::default(), changes: Arc::new(watch::channel(0).0) }
    }
}

impl FeedFiles {
    /// What a server sees of it, whose watch begins now.
    pub(super) fn watch(&self) -> Arc<dyn FeedDirectory> {
        let heard = self.lock().log.len();
        Arc::new(Watched { files: self.clone(), heard: Arc::new(Mutex::new(heard)) })
    }

    /// What a file holds.
    pub fn bytes(&self, path: &FeedPath) -> Option<Vec<u8>> {
        self.lock().files.get(path).map(|file| file.bytes.clone())
    }

    /// All files and what they hold, by name.
    pub fn all(&self) -> BTreeMap<FeedPath, Vec<u8>> {
        self.lock().files.iter().map(|(path, file)| (path.clone(), file.bytes.clone())).collect()
    }

    /// Puts `bytes` where the file was, or makes it.
    pub fn write(&self, path: &FeedPath, bytes: Vec<u8>) {
        let mut inner = self.lock();
        let changed = inner.log.len() as u64;
        let made = inner.made + 1;
        let file = inner.files.entry(path.clone()).or_insert(File { identity: made, changed, bytes: Vec::new() });
        (file.bytes, file.changed) = (bytes, changed);
        inner.made = made;
        inner.tell(Some(path.clone()));
        drop(inner);
        self.changes.send_modify(|count| *count += 1);
    }

    /// Gives a file another name, in the place of whatever had it.
    pub fn rename(&self, path: &FeedPath, to: &FeedPath) {
        let mut inner = self.lock();
        if let Some(file) = inner.files.remove(path) {
            inner.files.insert(to.clone(), file);
            inner.tell(None);
        }
        drop(inner);
        self.changes.send_modify(|count| *count += 1);
    }

    /// Removes a file.
    pub fn remove(&self, path: &FeedPath) {
        let mut inner = self.lock();
        inner.files.remove(path);
        inner.tell(None);
        drop(inner);
        self.changes.send_modify(|count| *count += 1);
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn tell(&mut self, change: Option<FeedPath>) {
        self.log.push(change);
    }
}

impl File {
    fn stamp(&self) -> FeedStamp {
        FeedStamp {
            identity: self.identity,
            length_bytes: self.bytes.len() as u64,
            modified_ns: i128::from(self.changed),
        }
    }
}

/// The directory as one server watches it.
#[derive(Debug)]
struct Watched {
    files: FeedFiles,
    /// How many changes it has been told of.
    heard: Arc<Mutex<usize>>,
}

impl FeedDirectory for Watched {
    fn scan(&self) -> io::Result<FeedScan> {
        let inner = self.files.lock();
        let companies = inner.files.keys().map(|path| path.company.clone()).collect();
        let files = inner.files.iter().map(|(path, file)| (path.clone(), file.stamp())).collect();
        Ok(FeedScan { companies, files, ..FeedScan::default() })
    }

    fn read(&self, path: &FeedPath, offset: u64, limit_bytes: u64) -> io::Result<Option<FeedBytes>> {
        let inner = self.files.lock();
        Ok(inner.files.get(path).map(|file| {
            let length = file.bytes.len();
            let begin = usize::try_from(offset).map_or(length, |offset| offset.min(length));
            let end = usize::try_from(limit_bytes).map_or(length, |limit| begin.saturating_add(limit).min(length));
            FeedBytes { stamp: file.stamp(), bytes: file.bytes[begin..end].to_vec() }
        }))
    }

    fn changed(&self) -> BoxFuture<FeedChange> {
        let (files, heard) = (self.files.clone(), self.heard.clone());
        Box::pin(async move {
            let mut changes = files.changes.subscribe();
            loop {
                let change = {
                    let inner = files.lock();
                    let mut heard = heard.lock().unwrap_or_else(PoisonError::into_inner);
                    let news = &inner.log[*heard..];
                    *heard = inner.log.len();
                    let paths: Option<BTreeSet<FeedPath>> = news.iter().cloned().collect();
                    match paths {
                        None => Some(FeedChange::Anything),
                        Some(paths) if !paths.is_empty() => Some(FeedChange::Files(paths)),
                        Some(_) => None,
                    }
                };
                if let Some(change) = change {
                    return change;
                }
                // An error: the world has ended.
                if changes.changed().await.is_err() {
                    std::future::pending::<()>().await;
                }
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(file: &str) -> FeedPath {
        FeedPath { company: "acme".into(), file: file.into() }
    }

    #[test]
    fn a_watch_tells_what_changed_since_it_was_asked_and_a_file_keeps_its_identity() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        runtime.block_on(async {
            let files = FeedFiles::default();
            files.write(&path("before"), b"1".to_vec());
            let watched = files.watch();
            files.write(&path("a"), b"one\ntwo\n".to_vec());
            files.write(&path("b"), b"x".to_vec());
            assert_eq!(watched.changed().await, FeedChange::Files([path("a"), path("b")].into()));
            let before = watched.read(&path("a"), 4, 3).expect("it can be read").expect("it is there");
            assert_eq!(before.bytes, b"two");
            files.rename(&path("a"), &path("c"));
            files.remove(&path("b"));
            assert_eq!(watched.changed().await, FeedChange::Anything);
            let after = watched.read(&path("c"), 0, 99).expect("it can be read").expect("it is there");
            assert_eq!(before.stamp, after.stamp);
            assert_eq!(watched.read(&path("a"), 0, 99).expect("it can be asked"), None);
            assert_eq!(watched.scan().expect("it can be listed").files.len(), 2);
        });
    }
}
