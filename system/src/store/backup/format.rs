//! What a backup looks like.
//!
//! The magic line, then blocks. A block is its length in 4 bytes (big-endian), its payload, and 32 bytes of SHA-256 over
//! the digest of the block before it and its own payload. The chain finds a flipped bit, a block that is missing,
//! doubled or out of order, and by the last block an end that is missing. The first payload is the [`Header`] as JSON;
//! the last is [`END`]; those between hold rows: the number of the table in 1 byte, the length of the key in 4, the
//! length of the value in 4, the key, the value.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::protocol::Timestamp;
use crate::store::view::TableName;

/// The version of this layout. A backup of a newer one is refused.
pub const BACKUP_VERSION: u32 = 1;

/// The media type under which a server hands out a backup.
pub const MEDIA_TYPE: &str = "application/vnd.stormglass.backup";

/// How every backup begins.
pub(super) const MAGIC: &[u8] = b"stormglass backup\n";

/// The payload of the last block.
pub(super) const END: &[u8] = b"end";

/// How many bytes of rows make a block; one row may be larger.
pub(super) const BLOCK_BYTES: usize = 256 << 10;

/// No block is larger than this: a length beyond it is damage, not a reason to ask for the memory.
pub(super) const BLOCK_LIMIT_BYTES: usize = 64 << 20;

/// What a backup says of itself before anything else.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// The layout: [`BACKUP_VERSION`].
    pub backup_version: u32,
    /// The format of the records: [`FORMAT`](crate::store::FORMAT).
    pub format: u32,
    /// When it was taken, by the clock of the machine that took it.
    pub created_at: Timestamp,
    /// The number of the newest event in it.
    pub last_commit: u64,
    /// The tables, in the order of their numbers.
    pub tables: Vec<String>,
}

/// The digest that every block is checked with, over it and all before it.
#[derive(Clone, Debug, Default)]
pub(super) struct Chain([u8; 32]);

impl Chain {
    /// The digest of the next block.
    pub(super) fn next(&mut self, payload: &[u8]) -> [u8; 32] {
        let digest = Sha256::new().chain_update(self.0).chain_update(payload).finalize();
        self.0 = digest.into();
        self.0
    }
}

/// Adds a row to the payload of a block.
pub(super) fn push_row(payload: &mut Vec<u8>, table: TableName, key: &[u8], value: &[u8]) {
    let length = |bytes: &[u8]| u32::try_from(bytes.len()).expect("redb's keys and values are shorter than 4 GiB");
    payload.push(table.number());
    payload.extend(length(key).to_be_bytes());
    payload.extend(length(value).to_be_bytes());
    payload.extend(key);
    payload.extend(value);
}

/// One row of a table.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row<'a> {
    pub(super) table: TableName,
    pub(super) key: &'a [u8],
    pub(super) value: &'a [u8],
}

/// The rows of a payload; `None` where it makes no sense.
pub(super) fn rows(payload: &[u8]) -> Option<Vec<Row<'_>>> {
    let mut rest = payload;
    let mut rows = Vec::new();
    while !rest.is_empty() {
        let (head, tail) = rest.split_at_checked(9)?;
        let table = TableName::of_number(head[0])?;
        let length = |bytes: &[u8]| Some(u32::from_be_bytes(bytes.try_into().ok()?) as usize);
        let (key, tail) = tail.split_at_checked(length(&head[1..5])?)?;
        let (value, tail) = tail.split_at_checked(length(&head[5..9])?)?;
        rows.push(Row { table, key, value });
        rest = tail;
    }
    Some(rows)
}
