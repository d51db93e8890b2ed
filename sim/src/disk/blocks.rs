//! Which blocks of the file were written, and how long ago: the rest are holes, for which a disk has set nothing aside.

use super::change::Change;
use crate::keyed::Key;

/// The size of a block, as file systems have it.
pub(super) const BLOCK_BYTES: usize = 4096;

/// How many syncs must have left a block alone for it to lie still.
const STILL_FOR: u64 = 2;

/// When each block was last written, counted in syncs from 1; 0 for a hole.
#[derive(Default)]
pub(super) struct Blocks {
    written: Vec<u64>,
    syncs: u64,
}

impl Blocks {
    /// Something was done to the file.
    pub(super) fn change(&mut self, change: &Change) {
        match change {
            Change::Write { offset, bytes } if !bytes.is_empty() => {
                let (first, last) = (offset / BLOCK_BYTES, (offset + bytes.len() - 1) / BLOCK_BYTES);
                if self.written.len() <= last {
                    self.written.resize(last + 1, 0);
                }
                self.written[first..=last].fill(self.syncs + 1);
            }
            Change::Write { .. } => {}
            Change::SetLength(length) => self.written.resize(length.div_ceil(BLOCK_BYTES), 0),
        }
    }

    /// All that was done is durable.
    pub(super) fn sync(&mut self) {
        self.syncs += 1;
    }

    /// Whether all blocks of that stretch were written.
    pub(super) fn are_written(&self, offset: usize, bytes: usize) -> bool {
        let (first, end) = (offset / BLOCK_BYTES, (offset + bytes).div_ceil(BLOCK_BYTES));
        first >= end || self.written.get(first..end).is_some_and(|blocks| blocks.iter().all(|&written| written > 0))
    }

    /// Where a block begins that was written, and that the last syncs have left alone: any, by `key`.
    pub(super) fn still(&self, key: Key) -> Option<usize> {
        let is_still = |&(_, &written): &(usize, &u64)| written > 0 && written + STILL_FOR <= self.syncs;
        let count = self.written.iter().enumerate().filter(is_still).count();
        let last = u64::try_from(count.checked_sub(1)?).ok()?;
        let nth = usize::try_from(key.with("block").between(0, last)).ok()?;
        let (block, _) = self.written.iter().enumerate().filter(is_still).nth(nth)?;
        Some(block * BLOCK_BYTES)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(offset: usize, length: usize) -> Change {
        Change::Write { offset, bytes: vec![1; length].into() }
    }

    #[test]
    fn a_hole_is_what_nobody_wrote() {
        let mut blocks = Blocks::default();
        blocks.change(&Change::SetLength(4 * BLOCK_BYTES));
        assert!(!blocks.are_written(0, 1) && blocks.are_written(0, 0));
        blocks.change(&write(BLOCK_BYTES - 1, 2));
        assert!(blocks.are_written(0, 2 * BLOCK_BYTES) && !blocks.are_written(0, 2 * BLOCK_BYTES + 1));
        assert!(!blocks.are_written(4 * BLOCK_BYTES, 1));
        blocks.change(&Change::SetLength(BLOCK_BYTES));
        blocks.change(&Change::SetLength(4 * BLOCK_BYTES));
        assert!(blocks.are_written(0, BLOCK_BYTES) && !blocks.are_written(BLOCK_BYTES, 1));
    }

    #[test]
    fn a_block_lies_still_after_two_syncs() {
        let mut blocks = Blocks::default();
        blocks.change(&write(3 * BLOCK_BYTES, 10));
        blocks.sync();
        blocks.sync();
        assert_eq!(blocks.still(Key::new(1)), None, "the first of them made it durable");
        blocks.sync();
        assert_eq!(blocks.still(Key::new(1)), Some(3 * BLOCK_BYTES));
        blocks.change(&write(3 * BLOCK_BYTES, 10));
        assert_eq!(blocks.still(Key::new(1)), None);
    }
}
