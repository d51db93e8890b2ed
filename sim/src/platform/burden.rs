//! How much slower a machine's blocking work is than it should be.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// What each piece of a machine's blocking work takes longer, and how many did. Clones are the same burden.
#[derive(Clone, Debug, Default)]
pub struct Burden(Arc<Load>);

#[derive(Debug, Default)]
struct Load {
    each_ms: AtomicU64,
    borne: AtomicU64,
}

impl Burden {
    /// From now on each piece takes so much longer, in milliseconds.
    pub fn add(&self, each_ms: u64) {
        self.0.each_ms.fetch_add(each_ms, Ordering::Relaxed);
    }

    /// That much less. How many pieces of work bore a burden since this was last asked.
    pub fn remove(&self, each_ms: u64) -> u64 {
        let before = self.0.each_ms.load(Ordering::Relaxed);
        self.0.each_ms.store(before.saturating_sub(each_ms), Ordering::Relaxed);
        self.0.borne.swap(0, Ordering::Relaxed)
    }

    /// Nothing takes longer any more.
    pub fn lift(&self) {
        self.0.each_ms.store(0, Ordering::Relaxed);
    }

    /// What one piece of work takes longer now, in milliseconds.
    pub(super) fn ms(&self) -> u64 {
        let each_ms = self.0.each_ms.load(Ordering::Relaxed);
        if each_ms > 0 {
            self.0.borne.fetch_add(1, Ordering::Relaxed);
        }
        each_ms
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn burdens_add_up_and_count_what_bore_them() {
        let burden = Burden::default();
        assert_eq!(burden.ms(), 0);
        burden.add(30);
        burden.clone().add(10);
        assert_eq!((burden.ms(), burden.ms()), (40, 40));
        assert_eq!((burden.remove(30), burden.ms()), (2, 10));
        assert_eq!((burden.remove(10), burden.remove(10)), (1, 0));
    }
}
