//! Simulated time: how much of it has passed, and what a machine's wall clock makes of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use system::protocol::Timestamp;

use crate::interpose;

/// When every run begins by an unskewed wall clock: 2026-01-01T00:00:00Z, in milliseconds since the Unix epoch.
pub const WALL_EPOCH_MS: i64 = 1_767_225_600_000;

/// The wall clock of one machine: simulated time plus an offset that faults change. Clones show the same time.
///
/// It outlives the machine's power: a restarted server reads the clock that its predecessor read.
#[derive(Clone, Debug, Default)]
pub struct WallClock {
    offset_ms: Arc<AtomicI64>,
}

impl WallClock {
    /// A clock that is `offset_ms` ahead of the simulated time; negative is behind.
    pub fn with_offset_ms(offset_ms: i64) -> Self {
        Self { offset_ms: Arc::new(AtomicI64::new(offset_ms)) }
    }

    /// What the clock shows.
    pub fn now(&self) -> Timestamp {
        let elapsed_ms = i64::try_from(elapsed().as_millis()).unwrap_or(i64::MAX);
        Timestamp(WALL_EPOCH_MS.saturating_add(elapsed_ms).saturating_add(self.offset_ms()))
    }

    /// Moves the clock; negative is back.
    pub fn jump_ms(&self, by_ms: i64) {
        self.offset_ms.fetch_add(by_ms, Ordering::Relaxed);
    }

    /// How far the clock is ahead of the simulated time.
    pub fn offset_ms(&self) -> i64 {
        self.offset_ms.load(Ordering::Relaxed)
    }
}

/// Simulated time since the run began: to the millisecond on a simulated host, to the tick outside of all hosts.
pub fn elapsed() -> Duration {
    turmoil::sim_elapsed().unwrap_or_else(interpose::elapsed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wall_clock_shows_the_epoch_plus_simulated_time_plus_its_offset() {
        let _run = interpose::enter(1);
        let clock = WallClock::with_offset_ms(-500);
        assert_eq!(clock.now().to_string(), "2025-12-31T23:59:59.500Z");
        interpose::set_elapsed(Duration::from_secs(60));
        clock.clone().jump_ms(1_500);
        assert_eq!(clock.now().to_string(), "2026-01-01T00:01:01.000Z");
    }
}
