//! Reading a backup: every block is checked before anything is made of it.

use std::io::{self, Read};

use super::format::{BACKUP_VERSION, BLOCK_LIMIT_BYTES, Chain, END, Header, MAGIC, rows};
use crate::store::FORMAT;
use crate::store::view::TableName;

/// Why a backup was not read to its end.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// It begins like something else.
    #[error("this is no backup of Stormglass: it does not begin like one")]
    Foreign,
    /// A newer program took it.
    #[error(
        "the backup has layout {layout} and format {format}; this program understands up to {BACKUP_VERSION}, and {FORMAT}: restore it with the program that took it"
    )]
    Newer {
        /// The layout found.
        layout: u32,
        /// The format found.
        format: u32,
    },
    /// It is not whole.
    #[error("the backup is damaged {place} bytes from its beginning: {what}; use another one")]
    Damaged {
        /// Where the block begins that is wrong.
        place: u64,
        /// What is wrong.
        what: &'static str,
    },
    /// It cannot be read.
    #[error("the backup cannot be read: {0}")]
    Unreadable(#[from] io::Error),
}

/// A backup that is being read.
#[derive(Debug)]
pub struct BackupReader<R> {
    input: R,
    chain: Chain,
    place: u64,
    header: Header,
}

/// What is in a backup.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Contents {
    /// What it says of itself.
    pub header: Header,
    /// How many rows it holds.
    pub rows: u64,
    /// How long it is.
    pub bytes: u64,
}

/// Reads all of a backup and checks every block.
///
/// # Errors
/// It is none, is damaged, or is of a newer program.
pub fn check(input: impl Read) -> Result<Contents, BackupError> {
    let mut reader = BackupReader::begin(input)?;
    let mut count = 0;
    while let Some(payload) = reader.next_payload()? {
        count += rows(&payload).ok_or_else(|| reader.damaged(ROWS))?.len() as u64;
    }
    Ok(Contents { header: reader.header, rows: count, bytes: reader.place })
}

/// What is wrong with a block whose digest is right and whose rows are not.
pub(super) const ROWS: &str = "its rows make no sense";

impl<R: Read> BackupReader<R> {
    /// Reads the beginning of a backup.
    ///
    /// # Errors
    /// It is none, is damaged, or is of a newer program.
    pub fn begin(mut input: R) -> Result<Self, BackupError> {
        let mut magic = vec![0; MAGIC.len()];
        match input.read_exact(&mut magic) {
            Ok(()) if magic == MAGIC => {}
            Err(error) if error.kind() != io::ErrorKind::UnexpectedEof => return Err(error.into()),
            _ => return Err(BackupError::Foreign),
        }
        let header = Header {
            backup_version: 0,
            format: 0,
            created_at: crate::protocol::Timestamp(0),
            last_commit: 0,
            tables: vec![],
        };
        let mut reader = Self { input, chain: Chain::default(), place: MAGIC.len() as u64, header };
        let payload = reader.next_block()?;
        // The version first: a newer header may have other fields.
        let versions: Versions = serde_json::from_slice(&payload).map_err(|_| reader.damaged("it has no header"))?;
        if versions.backup_version > BACKUP_VERSION || versions.format != FORMAT {
            return Err(BackupError::Newer { layout: versions.backup_version, format: versions.format });
        }
        reader.header = serde_json::from_slice(&payload).map_err(|_| reader.damaged("its header makes no sense"))?;
        let known = TableName::ALL.map(TableName::as_str);
        if !known.iter().zip(&reader.header.tables).all(|(known, named)| known == named)
            || reader.header.tables.len() > known.len()
        {
            return Err(reader.damaged("it names tables that this program does not know"));
        }
        Ok(reader)
    }

    /// What the backup says of itself.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// How many bytes were read.
    pub(super) fn place(&self) -> u64 {
        self.place
    }

    /// The next block of rows; `None` once the end was read, after which nothing may follow.
    pub(super) fn next_payload(&mut self) -> Result<Option<Vec<u8>>, BackupError> {
        let payload = self.next_block()?;
        if payload != END {
            return Ok(Some(payload));
        }
        match self.input.read(&mut [0])? {
            0 => Ok(None),
            _ => Err(self.damaged("something follows its end")),
        }
    }

    /// Damage where the reading is.
    pub(super) fn damaged(&self, what: &'static str) -> BackupError {
        BackupError::Damaged { place: self.place, what }
    }

    fn next_block(&mut self) -> Result<Vec<u8>, BackupError> {
        let mut length = [0; 4];
        self.fill(&mut length)?;
        let length = u32::from_be_bytes(length) as usize;
        if length > BLOCK_LIMIT_BYTES {
            return Err(self.damaged("a block is longer than blocks are"));
        }
        let mut payload = Vec::new();
        // Not read_exact: a wrong length must not cost more memory than there are bytes.
        let read = self.input.by_ref().take(length as u64).read_to_end(&mut payload)?;
        if read < length {
            return Err(self.damaged("it ends in the middle of a block"));
        }
        let mut digest = [0; 32];
        self.fill(&mut digest)?;
        if self.chain.next(&payload) != digest {
            return Err(self.damaged("a block does not match its checksum"));
        }
        self.place += 36 + length as u64;
        Ok(payload)
    }

    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), BackupError> {
        self.input.read_exact(bytes).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => self.damaged("it ends before its end"),
            _ => error.into(),
        })
    }
}

/// The versions of a header, whatever else is in it.
#[derive(serde::Deserialize)]
struct Versions {
    backup_version: u32,
    format: u32,
}
