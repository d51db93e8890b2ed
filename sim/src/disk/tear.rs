//! Which of the unsynced changes a power loss leaves, and how torn.
//!
//! A disk and its caches reorder freely between two syncs, so any subset may survive, and a write may survive in part:
//! sectors are whole, writes are not. One fair coin per write would almost never keep only the last of fifty, which is
//! what a forgotten barrier needs to show; so a mood is drawn first.

use super::change::Change;
use crate::keyed::Key;

/// The smallest piece that a disk writes wholly or not at all.
const SECTOR_BYTES: usize = 512;

/// What the survivors of one power loss have in common.
#[derive(Clone, Copy)]
enum Mood {
    /// Nothing left the cache.
    Nothing,
    /// Everything had left the cache.
    Everything,
    /// The cache was written out in order, up to here.
    First(usize),
    /// The cache was written out from its end, from here.
    Last(usize),
    /// Each by a coin of this weight.
    Any(f64),
}

/// Whether one change survives.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Kept,
    Lost,
    Torn,
}

/// What is left of `changes`, in order, and how many are lost wholly or in part.
pub(super) fn survivors(key: Key, changes: Vec<Change>) -> (Vec<Change>, usize) {
    let mood = draw_mood(key, changes.len());
    let mut kept = Vec::new();
    let mut lost = 0;
    for (index, change) in changes.into_iter().enumerate() {
        let key = key.with(index as u64);
        match (fate(mood, key, index), change) {
            (Fate::Kept, change) => kept.push(change),
            (Fate::Torn, Change::Write { offset, bytes }) => {
                let before = kept.len();
                let whole = keep_sectors(key, offset, &bytes, &mut kept);
                if whole {
                    kept.truncate(before);
                    kept.push(Change::Write { offset, bytes });
                } else {
                    lost += 1;
                }
            }
            // The length of a file is one number in one sector: it is never torn.
            (Fate::Lost | Fate::Torn, _) => lost += 1,
        }
    }
    (kept, lost)
}

fn draw_mood(key: Key, changes: usize) -> Mood {
    let somewhere = usize::try_from(key.with("where").below(changes as u64 + 1)).unwrap_or(changes);
    match key.with("mood").below(8) {
        0 => Mood::Nothing,
        1 => Mood::Everything,
        2 | 3 => Mood::First(somewhere),
        4 => Mood::Last(somewhere),
        _ => Mood::Any(key.with("weight").between(5, 95) as f64 / 100.0),
    }
}

fn fate(mood: Mood, key: Key, index: usize) -> Fate {
    let (survives, may_be_torn) = match mood {
        Mood::Nothing => (false, false),
        Mood::Everything => (true, false),
        Mood::First(end) => (index < end, index + 1 == end),
        Mood::Last(start) => (index >= start, index == start),
        Mood::Any(weight) => (key.with("survives").chance(weight), true),
    };
    if !survives {
        Fate::Lost
    } else if may_be_torn && key.with("torn").chance(0.3) {
        Fate::Torn
    } else {
        Fate::Kept
    }
}

/// Pushes the sectors of a write that survive; whether all do.
fn keep_sectors(key: Key, offset: usize, bytes: &[u8], kept: &mut Vec<Change>) -> bool {
    let mut whole = true;
    let mut start = 0;
    while start < bytes.len() {
        let sector = (offset + start) / SECTOR_BYTES;
        let end = bytes.len().min((sector + 1) * SECTOR_BYTES - offset);
        if key.with("sector").with(sector as u64).chance(0.5) {
            kept.push(Change::Write { offset: offset + start, bytes: bytes[start..end].into() });
        } else {
            whole = false;
        }
        start = end;
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ten writes of three sectors each, filled with their index.
    fn changes() -> Vec<Change> {
        (0u8..10)
            .map(|index| Change::Write { offset: usize::from(index) * 1_536, bytes: vec![index; 1_536].into() })
            .collect()
    }

    fn surviving_bytes(key: Key) -> Vec<usize> {
        let mut bytes = vec![0; 10];
        for change in survivors(key, changes()).0 {
            let Change::Write { bytes: kept, .. } = change else { panic!("nothing but writes went in") };
            assert_eq!(kept.len() % SECTOR_BYTES, 0, "a sector is whole or gone");
            bytes[usize::from(kept[0])] += kept.len();
        }
        bytes
    }

    #[test]
    fn survivors_are_a_function_of_the_key() {
        for draw in 0..50u64 {
            assert_eq!(surviving_bytes(Key::new(draw)), surviving_bytes(Key::new(draw)));
        }
    }

    #[test]
    fn every_shape_of_loss_is_drawn() {
        let shapes: Vec<Vec<usize>> = (0..500u64).map(|draw| surviving_bytes(Key::new(draw))).collect();
        let drawn = |shape: &dyn Fn(&[usize]) -> bool| shapes.iter().any(|bytes| shape(bytes));
        assert!(drawn(&|bytes| bytes.iter().all(|&count| count == 0)), "nothing survives");
        assert!(drawn(&|bytes| bytes.iter().all(|&count| count == 1_536)), "everything survives");
        assert!(drawn(&|bytes| bytes[9] == 1_536 && bytes[..9].iter().all(|&count| count == 0)), "only the last");
        assert!(drawn(&|bytes| bytes[0] == 1_536 && bytes[1..].iter().all(|&count| count == 0)), "only the first");
        assert!(drawn(&|bytes| bytes.iter().any(|count| [512, 1_024].contains(count))), "a torn one");
    }

    #[test]
    fn what_is_not_whole_counts_as_lost() {
        for draw in 0..200u64 {
            let whole = surviving_bytes(Key::new(draw)).iter().filter(|&&count| count == 1_536).count();
            assert_eq!(survivors(Key::new(draw), changes()).1, 10 - whole);
        }
    }
}
