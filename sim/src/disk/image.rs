//! What lies on a disk: the bytes that readers see, the bytes that a power loss leaves, and the changes between them.

use super::blocks::Blocks;
use super::change::Change;
use super::flip::Flips;
use super::tear;
use crate::keyed::Key;

/// What a power loss did to the writes that had not been synced.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct PowerLoss {
    /// How many unsynced writes and changes of length there were.
    pub unsynced_writes: usize,
    /// How many of them were lost, wholly or in part.
    pub lost_writes: usize,
}

/// One file: as readers see it, as it is durable, and what makes the one of the other.
#[derive(Default)]
pub(super) struct Image {
    live: Vec<u8>,
    durable: Vec<u8>,
    unsynced: Vec<Change>,
    blocks: Blocks,
    flips: Flips,
}

impl Image {
    pub(super) fn live(&self) -> &[u8] {
        &self.live
    }

    /// Makes a change visible; durable it is only after [`Image::sync`].
    pub(super) fn change(&mut self, change: Change) {
        apply(&mut self.live, &change);
        self.blocks.change(&change);
        self.flips.change(&change);
        self.unsynced.push(change);
    }

    /// Makes all changes durable.
    pub(super) fn sync(&mut self) {
        for change in self.unsynced.drain(..) {
            apply(&mut self.durable, &change);
        }
        self.blocks.sync();
    }

    /// Whether the file has bytes of its own there: it is that long, and was written there before.
    pub(super) fn has_room(&self, offset: usize, bytes: usize) -> bool {
        offset.saturating_add(bytes) <= self.live.len() && self.blocks.are_written(offset, bytes)
    }

    /// One bit of what has lain still flips.
    pub(super) fn flip(&mut self, step: u32, key: Key) {
        let Some(place) = self.blocks.still(key) else { return };
        if let Some(flip) = self.flips.add(step, place, self.durable.len().min(self.live.len()), key) {
            flip.apply(&mut self.live);
            flip.apply(&mut self.durable);
        }
    }

    /// Whoever reads a flipped bit has met it.
    pub(super) fn note_read(&mut self, offset: usize, bytes: usize) {
        self.flips.note_read(offset, bytes);
    }

    /// Puts right what that step flipped, unless it was written over. What it did, if anybody met it.
    pub(super) fn put_right(&mut self, step: u32) -> Option<String> {
        let flip = self.flips.remove(step)?;
        flip.apply(&mut self.live);
        flip.apply(&mut self.durable);
        flip.tell()
    }

    /// The steps of which something is flipped.
    pub(super) fn flipped_by(&self) -> Vec<u32> {
        self.flips.steps()
    }

    /// Keeps what is durable and an arbitrary part of what is not.
    pub(super) fn lose_power(&mut self, key: Key) -> PowerLoss {
        let unsynced_writes = self.unsynced.len();
        let (kept, lost_writes) = tear::survivors(key, std::mem::take(&mut self.unsynced));
        for change in kept {
            apply_within_length(&mut self.durable, &change);
        }
        self.live.clone_from(&self.durable);
        PowerLoss { unsynced_writes, lost_writes }
    }
}

/// A write beyond the end extends the file with zeros, as POSIX has it.
fn apply(file: &mut Vec<u8>, change: &Change) {
    if let Change::Write { offset, bytes } = change {
        let end = offset + bytes.len();
        if file.len() < end {
            file.resize(end, 0);
        }
    }
    apply_within_length(file, change);
}

/// As after a crash: bytes whose change of length was lost lie beyond the end, where nobody sees them.
fn apply_within_length(file: &mut Vec<u8>, change: &Change) {
    match change {
        Change::Write { offset, bytes } => {
            let end = file.len().min(offset + bytes.len());
            if let Some(target) = file.get_mut(*offset..end) {
                target.copy_from_slice(&bytes[..target.len()]);
            }
        }
        Change::SetLength(length) => file.resize(*length, 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(offset: usize, bytes: &[u8]) -> Change {
        Change::Write { offset, bytes: bytes.into() }
    }

    #[test]
    fn what_was_synced_survives_and_what_was_not_may_vanish() {
        let (mut kept, mut vanished) = (0, 0);
        for draw in 0..100u64 {
            let mut image = Image::default();
            image.change(write(0, b"synced"));
            image.sync();
            image.change(write(0, b"UN"));
            let loss = image.lose_power(Key::new(draw));
            assert_eq!(loss.unsynced_writes, 1);
            match image.live() {
                b"UNnced" => {
                    kept += 1;
                    assert_eq!(loss.lost_writes, 0);
                }
                b"synced" => {
                    vanished += 1;
                    assert_eq!(loss.lost_writes, 1);
                }
                other => panic!("neither before nor after: {other:?}"),
            }
        }
        assert!(kept > 10 && vanished > 10, "{kept} kept, {vanished} vanished");
    }

    #[test]
    fn a_write_whose_growth_was_lost_is_beyond_the_end() {
        let mut seen_short = false;
        for draw in 0..100u64 {
            let mut image = Image::default();
            image.change(write(0, b"1234"));
            image.sync();
            image.change(Change::SetLength(8));
            image.change(write(2, b"abcdef"));
            image.lose_power(Key::new(draw));
            assert!([4, 8].contains(&image.live().len()));
            seen_short |= image.live() == b"12ab";
        }
        assert!(seen_short, "no draw kept the write without the growth");
    }

    #[test]
    fn readers_see_changes_at_once() {
        let mut image = Image::default();
        image.change(write(2, b"xy"));
        assert_eq!(image.live(), b"\0\0xy");
        image.change(Change::SetLength(3));
        assert_eq!(image.live(), b"\0\0x");
    }
}
