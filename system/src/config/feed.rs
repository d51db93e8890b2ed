//! Settings of the live conversation feed.

use serde::{Deserialize, Serialize};

/// The live conversation feed: see [`crate::feed`].
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FeedConfig {
    /// The directory of conversation files, `<company>/<anything>.jsonl` below it; empty: there is no feed.
    pub directory: String,
    /// How often everything is looked at, whatever the watch on the directory has told.
    pub rescan_ms: u64,
    /// How long a line or a file must be gone before its message is deleted or its room archived: a file that is being
    /// rewritten is short for a moment.
    pub settle_ms: u64,
    /// The longest line; a longer one is passed over.
    pub line_bytes: usize,
    /// How much of a file is read; what comes after is passed over.
    pub file_bytes: usize,
    /// How many files are read; those that come later are passed over.
    pub files: usize,
    /// How many lines may wait for a commit at once. Users are served between them.
    pub batch_lines: usize,
}

impl Default for FeedConfig {
    fn default() -> Self {
        Self {
            directory: String::new(),
            rescan_ms: 2_000,
            settle_ms: 500,
            line_bytes: 64 << 10,
            file_bytes: 64 << 20,
            files: 10_000,
            batch_lines: 64,
        }
    }
}
