//! The chunks of files: each has its checksum, is full unless it is the last, and is of a file that is there or of one
//! that is being removed.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use super::findings::Findings;
use crate::protocol::FileId;
use crate::store::chunk::checked;
use crate::store::key::{DiscardedKey, FileKey};
use crate::store::view::TableName;
use crate::store::{CHUNK_BYTES, ChunkKey, StoreError, View};

/// What the findings call it.
const WHAT: &str = "chunks";

/// How much there is of each file.
#[derive(Debug, Default)]
pub(super) struct Chunks(BTreeMap<FileId, Stored>);

/// What there is of one file.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Stored {
    /// How many chunks, without a gap from the first on.
    pub(super) chunks: u32,
    /// How many bytes they hold.
    pub(super) bytes: u64,
}

impl Chunks {
    /// Reads and checks every chunk.
    pub(super) fn read(view: &View<'_>, findings: &mut Findings) -> Result<Self, StoreError> {
        let mut chunks = Self::default();
        view.walk(TableName::Blobs, None, &mut |key, row| {
            findings.count(WHAT, key.len() + row.len());
            let Some(ChunkKey { file, index }) = ChunkKey::decode(key) else {
                findings.problem(WHAT, &key.escape_ascii().to_string(), "lies under a key that is none");
                return Ok(ControlFlow::Continue(()));
            };
            let mut note = |problem: &str| findings.problem(WHAT, &format!("{file} {index}"), problem);
            let stored = chunks.0.entry(file).or_default();
            if stored.chunks != index {
                note("follows another one than the one before it");
            } else if stored.bytes != u64::from(index) * CHUNK_BYTES as u64 {
                note("follows one that is not full");
            }
            stored.chunks = index + 1;
            match checked(key, row) {
                Ok(bytes) => stored.bytes += bytes.len() as u64,
                Err(_) => note("does not have its checksum"),
            }
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(chunks)
    }

    /// What there is of a file.
    pub(super) fn of(&self, file: FileId) -> Stored {
        self.0.get(&file).copied().unwrap_or_default()
    }

    /// Notes each file that has chunks and is neither there nor being removed.
    pub(super) fn require_files(&self, view: &View<'_>, findings: &mut Findings) -> Result<(), StoreError> {
        for (file, stored) in &self.0 {
            if !view.contains(&FileKey(*file))? && !view.contains(&DiscardedKey(*file))? {
                findings.problem(WHAT, &file.to_string(), &format!("{} chunks are of no file", stored.chunks));
            }
        }
        Ok(())
    }
}
