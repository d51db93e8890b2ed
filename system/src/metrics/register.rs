//! How a metric comes into the registry: made, described, and given back to whoever counts.

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use super::labelled::Labelled;

/// The upper bounds of how long something took, in seconds. The bounds that REQUIREMENTS.md sets are among them: 50 and
/// 100 ms for a delivery, 500 ms for a request, 30 s for a recovery.
const SECONDS: [f64; 15] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];

/// The upper bounds of how long a connection lived, in seconds: from a broken one to a day.
const LIFETIME: [f64; 8] = [1.0, 10.0, 60.0, 300.0, 900.0, 3_600.0, 14_400.0, 86_400.0];

/// The upper bounds of how many there were.
const COUNTS: [f64; 9] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0];

/// How many; its name gets `_total`.
pub(super) fn counter(registry: &mut Registry, name: &str, help: &str) -> Counter {
    let counter = Counter::default();
    registry.register(name, help, counter.clone());
    counter
}

/// How many, for each set of labels.
pub(super) fn counters<const N: usize>(
    registry: &mut Registry,
    name: &str,
    help: &str,
    labels: [&'static str; N],
) -> Labelled<N, Counter> {
    let counters = Labelled::new(labels, Counter::default);
    registry.register(name, help, counters.clone());
    counters
}

/// How many bytes, for each set of labels; its name gets `_bytes_total`.
pub(super) fn byte_counters<const N: usize>(
    registry: &mut Registry,
    name: &str,
    help: &str,
    labels: [&'static str; N],
) -> Labelled<N, Counter> {
    let counters = Labelled::new(labels, Counter::default);
    registry.register_with_unit(name, help, Unit::Bytes, counters.clone());
    counters
}

/// How many there are now.
pub(super) fn gauge(registry: &mut Registry, name: &str, help: &str) -> Gauge {
    let gauge = Gauge::default();
    registry.register(name, help, gauge.clone());
    gauge
}

/// How many bytes there are now; its name gets `_bytes`.
pub(super) fn byte_gauge(registry: &mut Registry, name: &str, help: &str) -> Gauge {
    let gauge = Gauge::default();
    registry.register_with_unit(name, help, Unit::Bytes, gauge.clone());
    gauge
}

/// How long something took; its name gets `_seconds`.
pub(super) fn seconds(registry: &mut Registry, name: &str, help: &str) -> Histogram {
    let histogram = Histogram::new(SECONDS);
    registry.register_with_unit(name, help, Unit::Seconds, histogram.clone());
    histogram
}

/// How long something took, for each set of labels.
pub(super) fn seconds_of<const N: usize>(
    registry: &mut Registry,
    name: &str,
    help: &str,
    labels: [&'static str; N],
) -> Labelled<N, Histogram> {
    let histograms = Labelled::new(labels, || Histogram::new(SECONDS));
    registry.register_with_unit(name, help, Unit::Seconds, histograms.clone());
    histograms
}

/// How long something lived; its name gets `_seconds`.
pub(super) fn lifetime(registry: &mut Registry, name: &str, help: &str) -> Histogram {
    let histogram = Histogram::new(LIFETIME);
    registry.register_with_unit(name, help, Unit::Seconds, histogram.clone());
    histogram
}

/// How many there were each time.
pub(super) fn sizes(registry: &mut Registry, name: &str, help: &str) -> Histogram {
    let histogram = Histogram::new(COUNTS);
    registry.register(name, help, histogram.clone());
    histogram
}
