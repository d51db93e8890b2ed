//! The one seam between the server and the outside world: wall clock, entropy, disk, conversation files, blocking work.
//!
//! Timers are tokio's and sockets come in as an [`axum::serve::Listener`]; everything else that a program would ask
//! of its operating system is asked here. Nothing in this crate but [`OsPlatform`] reads a clock or draws a random
//! number by itself.

mod feed;
mod os;
mod os_feed;

use std::fmt::Debug;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;

use uuid::Uuid;

pub use feed::{FEED_FILE_SUFFIX, FeedBytes, FeedChange, FeedDirectory, FeedPath, FeedScan, FeedStamp};
pub use os::OsPlatform;

use crate::protocol::Timestamp;

/// What [`Platform::open_database`] returns: where redb keeps its bytes.
pub type Backend = Box<dyn redb::StorageBackend>;

/// Work that may block its thread.
pub type Work = Box<dyn FnOnce() + Send>;

/// A future without borrows.
pub type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// Everything that the server needs from outside, beside timers and sockets.
pub trait Platform: Debug + Send + Sync + 'static {
    /// The wall clock. It may jump in both directions.
    fn now(&self) -> Timestamp;

    /// Fills `bytes` with unpredictable ones.
    fn fill_random(&self, bytes: &mut [u8]);

    /// Opens the bytes of the database, exclusively, creating them empty if there are none.
    ///
    /// # Errors
    /// The data directory is in use by another server, unreadable or cannot be created.
    fn open_database(&self) -> io::Result<Backend>;

    /// Runs `work` where it may block. Resolves when it is done; work is never dropped half-way, even if the future
    /// is.
    fn run_blocking(&self, work: Work) -> BoxFuture<()>;

    /// Begins to watch the directory of conversation files (`feed.directory`).
    ///
    /// # Errors
    /// It is no directory that can be read and watched. A platform without files has none.
    fn watch_feed(&self, directory: &str) -> io::Result<Arc<dyn FeedDirectory>> {
        let _ = directory;
        Err(io::Error::new(io::ErrorKind::Unsupported, "this platform has no conversation files"))
    }

    /// A new UUID of version 7, from this clock and this entropy.
    fn new_uuid(&self) -> Uuid {
        let mut random = [0; 10];
        self.fill_random(&mut random);
        let milliseconds = u64::try_from(self.now().0).unwrap_or(0);
        uuid::Builder::from_unix_timestamp_millis(milliseconds, &random).into_uuid()
    }
}

/// Runs `work` by [`Platform::run_blocking`] and hands back what it returned.
pub async fn blocking<T: Send + 'static>(platform: &dyn Platform, work: impl FnOnce() -> T + Send + 'static) -> T {
    let (sender, receiver) = tokio::sync::oneshot::channel();
    let done = platform.run_blocking(Box::new(move || {
        // The receiver is gone when the caller was cancelled; the work is done all the same.
        let _ = sender.send(work());
    }));
    done.await;
    receiver.await.expect("run_blocking resolves only after the work ran")
}
