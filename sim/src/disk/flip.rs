//! Bits that are wrong for a while.

use std::collections::BTreeMap;

use super::blocks::BLOCK_BYTES;
use super::change::Change;
use crate::keyed::Key;
use crate::words::amount;

/// The bits that are wrong now, by the steps of the history that flipped them.
#[derive(Default)]
pub(super) struct Flips(BTreeMap<u32, Flip>);

/// One bit that is wrong.
#[derive(Clone, Copy, Debug)]
pub(super) struct Flip {
    offset: usize,
    mask: u8,
    reads: u64,
}

impl Flips {
    /// One bit of the block that begins at `place`, by `key`; none beyond the file's end.
    pub(super) fn add(&mut self, step: u32, place: usize, length: usize, key: Key) -> Option<Flip> {
        let last = length.min(place + BLOCK_BYTES).checked_sub(place + 1)?;
        let within = usize::try_from(key.with("byte").between(0, u64::try_from(last).ok()?)).ok()?;
        let flip = Flip { offset: place + within, mask: 1 << key.with("bit").between(0, 7), reads: 0 };
        self.0.insert(step, flip);
        Some(flip)
    }

    /// What is written over is right.
    pub(super) fn change(&mut self, change: &Change) {
        if self.0.is_empty() {
            return;
        }
        self.0.retain(|_, flip| match change {
            Change::Write { offset, bytes } => !(*offset..offset + bytes.len()).contains(&flip.offset),
            Change::SetLength(length) => flip.offset < *length,
        });
    }

    /// Whoever reads there meets what is wrong there.
    pub(super) fn note_read(&mut self, offset: usize, bytes: usize) {
        for flip in self.0.values_mut() {
            flip.reads += u64::from((offset..offset + bytes).contains(&flip.offset));
        }
    }

    /// The bit of that step is to be right.
    pub(super) fn remove(&mut self, step: u32) -> Option<Flip> {
        self.0.remove(&step)
    }

    /// Whose bits are wrong.
    pub(super) fn steps(&self) -> Vec<u32> {
        self.0.keys().copied().collect()
    }
}

impl Flip {
    /// Flips it, either way.
    pub(super) fn apply(self, file: &mut [u8]) {
        if let Some(byte) = file.get_mut(self.offset) {
            *byte ^= self.mask;
        }
    }

    /// What it did, in a person's words; nothing if nobody has read it.
    pub(super) fn tell(self) -> Option<String> {
        (self.reads > 0)
            .then(|| format!("a flipped bit at byte {} was read {}", self.offset, amount(self.reads, "time", "times")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bit_is_wrong_until_it_is_put_right_or_written_over() {
        let mut file = vec![0_u8; 3 * BLOCK_BYTES];
        let mut flips = Flips::default();
        let flip = flips.add(7, BLOCK_BYTES, file.len(), Key::new(4)).expect("there is such a block");
        flip.apply(&mut file);
        let wrong = file.iter().position(|&byte| byte != 0).expect("one byte is wrong");
        assert!((BLOCK_BYTES..2 * BLOCK_BYTES).contains(&wrong) && file[wrong].count_ones() == 1);
        flips.note_read(0, BLOCK_BYTES);
        flips.note_read(wrong, 1);
        let flip = flips.remove(7).expect("it is wrong");
        flip.apply(&mut file);
        assert!(file.iter().all(|&byte| byte == 0));
        assert_eq!(flip.tell(), Some(format!("a flipped bit at byte {wrong} was read 1 time")));

        flips.add(8, BLOCK_BYTES, file.len(), Key::new(4));
        flips.change(&Change::Write { offset: wrong, bytes: [9].into() });
        assert!(flips.remove(8).is_none());
    }
}
