//! Heap noise: what makes a dependence on addresses show.
//!
//! A program that sorts by address, or hashes one, is deterministic by luck as long as its allocator hands out the
//! same order of addresses in each run. Before a run of `check-determinism` in the second process, a thread allocates
//! blocks of many sizes and frees an arbitrary half of them in an arbitrary order. When it ends, its part of the heap,
//! holes and all, is the one that the allocator gives to the next thread, which is the simulation's.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::thread;

/// How many blocks are allocated.
const BLOCKS: usize = 6_000;

/// No block is larger. Beyond the allocator's small sizes the order of addresses says little.
const LARGEST_BYTES: u64 = 4_096;

/// Blocks that stay allocated for as long as the noise should last.
#[derive(Debug)]
pub struct HeapNoise {
    _kept: Vec<Vec<u8>>,
}

impl HeapNoise {
    /// Makes noise that differs each time. Call it right before the thread begins that should feel it, and never on a
    /// simulation's own thread: it needs true entropy.
    pub fn make() -> Self {
        let thread = thread::scope(|scope| scope.spawn(fill).join());
        Self { _kept: thread.unwrap_or_default() }
    }
}

fn fill() -> Vec<Vec<u8>> {
    // Two hashers made by the standard library never agree: their keys come from the operating system.
    let mut draw = Draw(RandomState::new().build_hasher().finish());
    let mut blocks: Vec<Vec<u8>> = (0..BLOCKS).map(|_| vec![1; draw.block_bytes()]).collect();
    for index in (1..blocks.len()).rev() {
        blocks.swap(index, draw.below(index as u64 + 1) as usize);
    }
    blocks.truncate(BLOCKS / 2);
    blocks
}

/// A small generator (splitmix64): nothing here needs more than to differ.
struct Draw(u64);

impl Draw {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    /// Small blocks are as frequent as large ones.
    fn block_bytes(&mut self) -> usize {
        let size_class = 1 << self.below(u64::from(LARGEST_BYTES.ilog2()) - 3);
        (self.below(8 * size_class) + 8 * size_class).min(LARGEST_BYTES) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many of many equal blocks, allocated one after another on a fresh thread, lie before their predecessor.
    fn descents() -> usize {
        let blocks = thread::scope(|scope| {
            scope.spawn(|| (0..200).map(|_| Box::new([0_u8; 48])).collect::<Vec<_>>()).join().unwrap()
        });
        let addresses: Vec<_> = blocks.iter().map(|block| std::ptr::from_ref(block.as_ref()).addr()).collect();
        addresses.windows(2).filter(|pair| pair[1] < pair[0]).count()
    }

    #[test]
    fn the_next_thread_finds_holes_in_its_heap() {
        // Other tests share the allocator, so one try may miss; it is enough that noise is felt at all.
        let felt = (0..20).any(|_| {
            let _noise = HeapNoise::make();
            descents() > 20
        });
        assert!(felt, "addresses came in order even after noise");
    }
}
