//! Latencies, and what is said of many.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hdrhistogram::Histogram;
use schemars::JsonSchema;
use serde::Serialize;

/// What takes longer counts as this: ten minutes.
const LONGEST_US: u64 = 600_000_000;

/// Takes latencies from many tasks. Clones share one histogram.
#[derive(Clone)]
pub(super) struct Latencies(Arc<Mutex<Histogram<u64>>>);

/// What is said of many latencies, in microseconds.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct Percentiles {
    /// How many there were.
    pub count: u64,
    /// Half were at most this.
    pub p50_us: u64,
    /// 95 of 100 were at most this.
    pub p95_us: u64,
    /// 99 of 100 were at most this.
    pub p99_us: u64,
    /// None was more than this.
    pub max_us: u64,
}

impl Latencies {
    /// None yet.
    pub(super) fn new() -> Self {
        let histogram = Histogram::new_with_max(LONGEST_US, 3).expect("the bounds are what the histogram can do");
        Self(Arc::new(Mutex::new(histogram)))
    }

    /// One more.
    pub(super) fn record(&self, latency: Duration) {
        let microseconds = u64::try_from(latency.as_micros()).unwrap_or(u64::MAX);
        self.0.lock().unwrap_or_else(PoisonError::into_inner).saturating_record(microseconds);
    }

    /// How many there are.
    pub(super) fn count(&self) -> u64 {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// What is to be said of them.
    pub(super) fn percentiles(&self) -> Percentiles {
        let histogram = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = |quantile| histogram.value_at_quantile(quantile);
        Percentiles {
            count: histogram.len(),
            p50_us: at(0.5),
            p95_us: at(0.95),
            p99_us: at(0.99),
            max_us: histogram.max(),
        }
    }
}

impl fmt::Debug for Latencies {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.percentiles().fmt(formatter)
    }
}

impl fmt::Display for Percentiles {
    /// `p50 4.4 ms, p95 8.1 ms, p99 10.2 ms, max 12.0 ms of 1000`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { count, p50_us, p95_us, p99_us, max_us } = *self;
        let ms = |us: u64| format!("{}.{} ms", us / 1_000, us % 1_000 / 100);
        write!(formatter, "p50 {}, p95 {}, p99 {}, max {} of {count}", ms(p50_us), ms(p95_us), ms(p99_us), ms(max_us))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_of_what_was_recorded() {
        let latencies = Latencies::new();
        (1..=100).for_each(|ms| latencies.record(Duration::from_millis(ms)));
        let percentiles = latencies.percentiles();
        assert_eq!(percentiles.count, 100);
        // Three digits are kept.
        assert!((49_950..=50_050).contains(&percentiles.p50_us), "{percentiles:?}");
        assert!((98_900..=99_100).contains(&percentiles.p99_us), "{percentiles:?}");
        assert!(percentiles.to_string().ends_with("of 100"), "{percentiles}");
    }
}
