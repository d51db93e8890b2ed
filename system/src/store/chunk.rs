//! The bytes of files: rows of their own table, written in the transaction that moves the upload's durable offset, so
//! that no crash leaves bytes without a file or a file without its bytes.
//!
//! Every row begins with a checksum over its key and its bytes: damage, and bytes in the wrong place, are found when
//! they are read and are never served.

use redb::ReadableTable;
use uuid::Uuid;
use xxhash_rust::xxh3::Xxh3;

use super::StoreError;
use super::view::{BLOBS, View};
use crate::protocol::FileId;

/// How many bytes a chunk holds; the last of a file may hold fewer. With its checksum and key it fills one page of
/// redb's next greater size, 64 KiB.
pub const CHUNK_BYTES: usize = 60 << 10;

/// How long the checksum is that a row begins with.
const CHECKSUM_BYTES: usize = 16;

/// The key of a chunk: its file, and its number in it from 0.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct ChunkKey {
    /// The file.
    pub file: FileId,
    /// Which chunk of it.
    pub index: u32,
}

impl ChunkKey {
    pub(super) fn encode(self) -> [u8; 20] {
        let mut bytes = [0; 20];
        bytes[..16].copy_from_slice(self.file.0.as_bytes());
        bytes[16..].copy_from_slice(&self.index.to_be_bytes());
        bytes
    }

    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        let (file, index) = bytes.split_first_chunk::<16>()?;
        Some(Self { file: FileId(Uuid::from_bytes(*file)), index: u32::from_be_bytes(index.try_into().ok()?) })
    }

    /// The row that keeps `bytes` under this key.
    pub(super) fn row(self, bytes: &[u8]) -> Vec<u8> {
        let mut row = Vec::with_capacity(CHECKSUM_BYTES + bytes.len());
        row.extend_from_slice(&checksum(&self.encode(), bytes));
        row.extend_from_slice(bytes);
        row
    }
}

impl View<'_> {
    /// The bytes of a chunk, if there is one.
    ///
    /// # Errors
    /// The database fails; [`StoreError::Damaged`] if they are not what was stored.
    pub fn chunk(&self, key: ChunkKey) -> Result<Option<Vec<u8>>, StoreError> {
        let key = key.encode();
        match self {
            Self::Read(snapshot) => read(&snapshot.transaction.open_table(BLOBS)?, &key),
            Self::Write(tables) => read(&tables.transaction.open_table(BLOBS)?, &key),
        }
    }
}

fn read(table: &impl ReadableTable<&'static [u8], &'static [u8]>, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
    let Some(row) = table.get(key)? else { return Ok(None) };
    checked(key, row.value()).map(|bytes| Some(bytes.to_vec()))
}

/// The bytes of a row, if they are those that were stored under this key.
pub(super) fn checked<'r>(key: &[u8], row: &'r [u8]) -> Result<&'r [u8], StoreError> {
    let (expected, bytes) =
        row.split_first_chunk::<CHECKSUM_BYTES>().ok_or_else(|| damaged(key, "it ends before its checksum"))?;
    if checksum(key, bytes) != *expected {
        return Err(damaged(key, "it does not have its checksum"));
    }
    Ok(bytes)
}

fn checksum(key: &[u8], bytes: &[u8]) -> [u8; CHECKSUM_BYTES] {
    let mut hasher = Xxh3::new();
    hasher.update(key);
    hasher.update(bytes);
    hasher.digest128().to_be_bytes()
}

fn damaged(key: &[u8], reason: &str) -> StoreError {
    let key = key.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    StoreError::Damaged { key: format!("chunk {key}"), reason: reason.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_what_was_stored_there_is_damaged() {
        let key = ChunkKey { file: FileId(Uuid::from_u128(1)), index: 2 };
        let other = ChunkKey { index: 3, ..key };
        let row = key.row(b"bytes");
        assert_eq!(checked(&key.encode(), &row).unwrap(), b"bytes");
        assert!(checked(&other.encode(), &row).is_err(), "it belongs elsewhere");
        assert!(checked(&key.encode(), &row[..row.len() - 1]).is_err(), "its end is missing");
        assert!(checked(&key.encode(), &row[..3]).is_err(), "its checksum is missing");
        for place in 0..row.len() {
            let mut flipped = row.clone();
            flipped[place] ^= 1;
            assert!(checked(&key.encode(), &flipped).is_err(), "bit 0 of byte {place} flipped");
        }
        assert_eq!(ChunkKey::decode(&key.encode()), Some(key));
    }
}
