//! Taking a backup, a piece at a time: whoever writes it down decides how fast.

use std::ops::ControlFlow;

use super::format::{BACKUP_VERSION, BLOCK_BYTES, Chain, END, Header, MAGIC, push_row};
use crate::protocol::Timestamp;
use crate::store::view::TableName;
use crate::store::{FORMAT, StoreError, View};

/// A backup of one state that is being taken. The state stays as it is meanwhile, whatever is committed after it.
pub struct Dump {
    view: View<'static>,
    now: Timestamp,
    chain: Chain,
    next: Next,
}

/// What comes next.
enum Next {
    Header,
    Rows { table: TableName, after: Option<Vec<u8>> },
    End,
    Nothing,
}

impl Dump {
    /// Begins a backup of `view`, taken at `now`.
    pub fn new(view: View<'static>, now: Timestamp) -> Self {
        Self { view, now, chain: Chain::default(), next: Next::Header }
    }

    /// The next piece; `None` after the last. Reads the database: call it where that may block.
    ///
    /// # Errors
    /// The database fails: what was written so far is no backup, and has no end that would make it look like one.
    pub fn next_piece(&mut self) -> Result<Option<Vec<u8>>, StoreError> {
        loop {
            match std::mem::replace(&mut self.next, Next::Nothing) {
                Next::Nothing => return Ok(None),
                Next::Header => {
                    self.next = Next::Rows { table: TableName::ALL[0], after: None };
                    let mut piece = MAGIC.to_vec();
                    piece.extend(self.block(&self.header()?));
                    return Ok(Some(piece));
                }
                Next::Rows { table, after } => {
                    let (payload, last) = self.rows(table, after.as_deref())?;
                    self.next = match (last, TableName::of_number(table.number() + 1)) {
                        (Some(last), _) => Next::Rows { table, after: Some(last) },
                        (None, Some(table)) => Next::Rows { table, after: None },
                        (None, None) => Next::End,
                    };
                    if !payload.is_empty() {
                        return Ok(Some(self.block(&payload)));
                    }
                }
                Next::End => return Ok(Some(self.block(END))),
            }
        }
    }

    fn header(&self) -> Result<Vec<u8>, StoreError> {
        let header = Header {
            backup_version: BACKUP_VERSION,
            format: FORMAT,
            created_at: self.now,
            last_commit: self.view.last_commit()?.0,
            tables: TableName::ALL.map(|table| table.as_str().to_owned()).to_vec(),
        };
        Ok(serde_json::to_vec(&header).expect("a header is strings and numbers"))
    }

    /// As many rows as make a block, and the last of their keys unless the table ends with it.
    fn rows(&self, table: TableName, after: Option<&[u8]>) -> Result<(Vec<u8>, Option<Vec<u8>>), StoreError> {
        let mut payload = Vec::with_capacity(BLOCK_BYTES);
        let mut last = None;
        self.view.walk(table, after, &mut |key, value| {
            push_row(&mut payload, table, key, value);
            if payload.len() < BLOCK_BYTES {
                return Ok(ControlFlow::Continue(()));
            }
            last = Some(key.to_vec());
            Ok(ControlFlow::Break(()))
        })?;
        Ok((payload, last))
    }

    fn block(&mut self, payload: &[u8]) -> Vec<u8> {
        let length = u32::try_from(payload.len()).expect("a block is a few rows");
        let mut block = Vec::with_capacity(payload.len() + 36);
        block.extend(length.to_be_bytes());
        block.extend(payload);
        block.extend(self.chain.next(payload));
        block
    }
}

impl std::fmt::Debug for Dump {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Dump").finish_non_exhaustive()
    }
}
