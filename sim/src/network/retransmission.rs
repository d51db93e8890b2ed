//! When TCP tries again.
//!
//! A sender that hears nothing waits twice as long before each new attempt (RFC 6298 §5.5), so data does not flow in
//! the moment a cut heals but at the next attempt after it.

use std::time::Duration;

use crate::keyed::Key;

/// The wait before the first repetition of data: what Linux arrives at on a fast link.
const DATA_FIRST_WAIT: Duration = Duration::from_millis(200);

/// The wait before the first repetition of a connection's first segment (RFC 6298 §2.1).
const HANDSHAKE_FIRST_WAIT: Duration = Duration::from_secs(1);

/// No wait is longer. RFC 6298 §2.5 asks for at least 60 s; an application that must be back within 30 s of a heal
/// (IT-8) has given up by itself long before, so waits beyond this one would show nothing new.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// A segment that was lost so often gets through: what a lossy way does, not a cut.
const MOST_LOSSES: u32 = 6;

/// When data first sent at `since` is sent again, not before `now`.
pub(super) fn of_data(since: Duration, now: Duration) -> Duration {
    next_attempt(since, now, DATA_FIRST_WAIT)
}

/// When a connection attempt begun at `since` is repeated, not before `now`.
pub(super) fn of_handshake(since: Duration, now: Duration) -> Duration {
    next_attempt(since, now, HANDSHAKE_FIRST_WAIT)
}

/// How often one segment is lost, at a chance of `percent` each time.
pub(super) fn draw_losses(key: Key, percent: u64) -> u32 {
    (0..MOST_LOSSES).take_while(|attempt| key.with(*attempt).below(100) < percent).fold(0, |losses, _| losses + 1)
}

/// How long a segment is late that was lost so often.
pub(super) fn of_losses(losses: u32) -> Duration {
    (0..losses).map(|attempt| (DATA_FIRST_WAIT * (1 << attempt)).min(LONGEST_WAIT)).sum()
}

fn next_attempt(since: Duration, now: Duration, first_wait: Duration) -> Duration {
    let (mut attempt, mut wait) = (since, first_wait);
    while attempt < now {
        attempt += wait;
        wait = (wait * 2).min(LONGEST_WAIT);
    }
    attempt
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(attempt: fn(Duration, Duration) -> Duration, now_ms: u64, expected_ms: u64) {
        let since = Duration::from_secs(7);
        let attempt = attempt(since, since + Duration::from_millis(now_ms)) - since;
        assert_eq!(attempt.as_millis(), u128::from(expected_ms));
    }

    #[test]
    fn waits_double_up_to_the_longest() {
        check(of_data, 0, 0);
        check(of_data, 1, 200);
        check(of_data, 200, 200);
        check(of_data, 201, 600);
        check(of_data, 1_401, 3_000);
        check(of_data, 6_201, 12_600);
        check(of_data, 12_601, 22_600);
        check(of_data, 22_601, 32_600);
        check(of_handshake, 1, 1_000);
        check(of_handshake, 1_001, 3_000);
        check(of_handshake, 15_001, 25_000);
    }

    #[test]
    fn each_loss_waits_twice_as_long_as_the_one_before() {
        let late_ms = [0, 1, 2, 3].map(|losses| of_losses(losses).as_millis());
        assert_eq!(late_ms, [0, 200, 600, 1_400]);
        assert_eq!(draw_losses(Key::new(1), 0), 0);
        assert_eq!(draw_losses(Key::new(1), 100), MOST_LOSSES);
    }
}
