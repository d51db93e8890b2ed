//! A machine that is busy with other things: what makes a race show.
//!
//! A thread that the simulation does not drive is deterministic by luck as long as it always gets a core at once. Twice
//! as many threads as there are cores compute, allocate, and give way at odd moments, so that the scheduler interrupts
//! everything all the time. It is no measure of anything.

use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// How many threads for each core.
const PER_CORE: usize = 2;

/// How many rounds of computing are between two moments of giving way.
const ROUNDS: u64 = 400;

/// Keeps the machine busy until it is dropped.
#[derive(Debug)]
pub struct Busy {
    stop: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl Busy {
    /// Begins.
    pub fn begin() -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let cores = thread::available_parallelism().map_or(1, usize::from);
        let start = |number| {
            let stop = Arc::clone(&stop);
            // A machine without a further thread to give is busy enough.
            thread::Builder::new().name("busy".into()).spawn(move || work(number, &stop)).ok()
        };
        let threads = (0..(cores * PER_CORE) as u64).filter_map(start).collect();
        Self { stop, threads }
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        for thread in self.threads.drain(..) {
            // It cannot panic, and nothing depends on it.
            let _ = thread.join();
        }
    }
}

fn work(number: u64, stop: &AtomicBool) {
    let mut state = number + 1;
    while !stop.load(Ordering::Relaxed) {
        for round in 0..ROUNDS {
            let mut block = vec![0_u8; 64 << (round % 9)];
            for byte in &mut block {
                state = state.wrapping_mul(0x5851_F42D_4C95_7F2D).wrapping_add(number | 1);
                *byte = (state >> 56) as u8;
            }
            black_box(&block);
        }
        match state >> 62 {
            0 => thread::sleep(Duration::from_micros(state >> 54 & 0xFF)),
            1 => thread::yield_now(),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_busy_until_it_is_dropped() {
        let busy = Busy::begin();
        assert!(!busy.threads.is_empty());
        let stop = Arc::clone(&busy.stop);
        drop(busy);
        // All threads have let go of the word to stop.
        assert_eq!((stop.load(Ordering::Relaxed), Arc::strong_count(&stop)), (true, 1));
    }
}
