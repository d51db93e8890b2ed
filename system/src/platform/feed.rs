//! The directory of conversation files, as the feed sees it: what there is, what a file holds, when something changed.
//!
//! The files are another program's. Nothing here writes, and nothing here knows what a file means.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Debug};
use std::io;

use super::BoxFuture;

/// How the name of a conversation file ends. All other files are none of the feed's business.
pub const FEED_FILE_SUFFIX: &str = ".jsonl";

/// Where a conversation file is: `<company>/<file>` below the feed's directory.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct FeedPath {
    /// The name of the directory that it is in, which should be a company's identifier.
    pub company: String,
    /// Its own name; it ends in [`FEED_FILE_SUFFIX`].
    pub file: String,
}

impl fmt::Display for FeedPath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.company, self.file)
    }
}

/// What tells two states of a file apart without reading it. Equal stamps do not prove equal contents: a clock of files
/// may be too coarse to see two changes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FeedStamp {
    /// Which file it is: another one under the same name has another.
    pub identity: u64,
    /// Its length.
    pub length_bytes: u64,
    /// When it was changed, by the clock of its disk, in nanoseconds.
    pub modified_ns: i128,
}

/// Everything in the feed's directory.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct FeedScan {
    /// The names of the directories in it.
    pub companies: BTreeSet<String>,
    /// The conversation files. Links and directories are not followed.
    pub files: BTreeMap<FeedPath, FeedStamp>,
    /// Directories whose files could not be listed. What is in them is not known, and not gone.
    pub unlisted: BTreeSet<String>,
    /// What was passed over and why, by its name.
    pub passed_over: BTreeMap<String, String>,
}

/// A part of a file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FeedBytes {
    /// The file, before it was read: what changes while it is read changes its stamp.
    pub stamp: FeedStamp,
    /// The bytes from the offset asked for.
    pub bytes: Vec<u8>,
}

/// What may have changed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum FeedChange {
    /// The contents of these files; some may be new.
    Files(BTreeSet<FeedPath>),
    /// Anything: files came and went, or changes were missed.
    Anything,
}

/// A directory of conversation files that is being watched.
pub trait FeedDirectory: Debug + Send + Sync + 'static {
    /// All that is in it. Blocks.
    ///
    /// # Errors
    /// The directory itself cannot be read.
    fn scan(&self) -> io::Result<FeedScan>;

    /// At most `limit_bytes` of a file from `offset` on; `None` if there is no such file, or it is a link or a
    /// directory. Blocks.
    ///
    /// # Errors
    /// The file is there and cannot be read.
    fn read(&self, path: &FeedPath, offset: u64, limit_bytes: u64) -> io::Result<Option<FeedBytes>>;

    /// Resolves when something may have changed since it last resolved. It may resolve too often, and on some file
    /// systems too seldom: whoever must not miss a change scans from time to time.
    fn changed(&self) -> BoxFuture<FeedChange>;
}
