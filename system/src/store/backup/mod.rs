//! Backups: everything of one committed state in one stream of bytes, and the way back.
//!
//! A backup holds rows, not pages: it is as small as what it holds, has no free space in it, and can be read by a
//! program whose database file looks different. It is taken from a snapshot, so the server goes on meanwhile.

mod dump;
mod format;
mod read;
mod restore;

pub use dump::Dump;
pub use format::{BACKUP_VERSION, Header, MEDIA_TYPE};
pub use read::{BackupError, BackupReader, Contents, check};
pub use restore::{RestoreError, Restored, restore};
