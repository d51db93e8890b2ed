//! How long to wait before the next attempt: full jitter, doubling, capped after the jitter (PROTOCOL.md, promise 10).

use std::time::Duration;

use super::Timing;
use crate::platform::Platform;

/// Counts failed attempts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Backoff {
    first_ms: u64,
    cap_ms: u64,
    ceiling_ms: u64,
}

impl Backoff {
    /// No attempt has failed yet.
    pub(super) fn new(timing: &Timing) -> Self {
        Self { first_ms: timing.backoff_first_ms, cap_ms: timing.backoff_cap_ms, ceiling_ms: timing.backoff_first_ms }
    }

    /// An attempt failed: how long to wait now.
    pub(super) fn next(&mut self, platform: &dyn Platform) -> Duration {
        let mut bytes = [0; 8];
        platform.fill_random(&mut bytes);
        let drawn = (u128::from(u64::from_le_bytes(bytes)) * (u128::from(self.ceiling_ms) + 1)) >> 64;
        let jittered_ms = u64::try_from(drawn).expect("a 64-bit fraction of a 64-bit number fits it");
        // The cap comes after the jitter. Were the ceiling to double for ever, almost every draw would end at the cap
        // and all clients would come back in step; at twice the cap, half of the draws stay spread.
        self.ceiling_ms = self.ceiling_ms.saturating_mul(2).min(self.cap_ms.saturating_mul(2));
        Duration::from_millis(jittered_ms.min(self.cap_ms))
    }

    /// An attempt succeeded.
    pub(super) fn reset(&mut self) {
        self.ceiling_ms = self.first_ms;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::{Backend, BoxFuture, Work};
    use crate::protocol::Timestamp;

    #[derive(Debug)]
    struct Always(u8);

    impl Platform for Always {
        fn now(&self) -> Timestamp {
            Timestamp(0)
        }

        fn fill_random(&self, bytes: &mut [u8]) {
            bytes.fill(self.0);
        }

        fn open_database(&self) -> std::io::Result<Backend> {
            Err(std::io::ErrorKind::Unsupported.into())
        }

        fn run_blocking(&self, work: Work) -> BoxFuture<()> {
            work();
            Box::pin(async {})
        }
    }

    #[test]
    fn the_highest_draws_double_up_to_the_cap_and_start_over() {
        let mut backoff = Backoff::new(&Timing::default());
        let waits: Vec<u128> = (0..8).map(|_| backoff.next(&Always(0xff)).as_millis()).collect();
        assert_eq!(waits, [250, 500, 1_000, 2_000, 4_000, 8_000, 8_000, 8_000]);
        backoff.reset();
        assert_eq!(backoff.next(&Always(0xff)).as_millis(), 250);
    }

    #[test]
    fn the_jitter_is_full_and_the_cap_comes_after_it() {
        let mut backoff = Backoff::new(&Timing::default());
        assert_eq!(backoff.next(&Always(0)).as_millis(), 0);
        for _ in 0..10 {
            backoff.next(&Always(0));
        }
        // 0x40 bytes are a quarter of the range: a quarter of 16 s, not of the cap.
        assert_eq!(backoff.next(&Always(0x40)).as_millis(), 4_015);
    }
}
