//! A metric for each set of label values. The library's own family keeps them in a hash map; this one writes them in
//! order, as everything here is.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use prometheus_client::encoding::{EncodeMetric, MetricEncoder};
use prometheus_client::metrics::{MetricType, TypedMetric};

/// The value of a label.
pub type LabelValue = Cow<'static, str>;

/// One metric for each set of values of `N` labels. Clones share them.
#[derive(Clone)]
pub struct Labelled<const N: usize, M> {
    names: [&'static str; N],
    make: fn() -> M,
    series: Arc<Mutex<BTreeMap<[LabelValue; N], M>>>,
}

impl<const N: usize, M: Clone> Labelled<N, M> {
    /// No series yet; `make` makes each.
    pub(super) fn new(names: [&'static str; N], make: fn() -> M) -> Self {
        Self { names, make, series: Arc::default() }
    }

    /// The metric of these values.
    pub fn of(&self, values: [LabelValue; N]) -> M {
        let mut series = self.series.lock().unwrap_or_else(PoisonError::into_inner);
        series.entry(values).or_insert_with(self.make).clone()
    }
}

impl<M: Clone> Labelled<1, M> {
    /// The same with a series for each of the values from the beginning: what has never happened is told as 0, so that
    /// its first time is seen as a rise.
    pub(super) fn with(self, values: impl IntoIterator<Item = &'static str>) -> Self {
        for value in values {
            self.of([value.into()]);
        }
        self
    }
}

impl<const N: usize, M: EncodeMetric + TypedMetric> EncodeMetric for Labelled<N, M> {
    fn encode(&self, mut encoder: MetricEncoder<'_>) -> fmt::Result {
        for (values, metric) in self.series.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            let labels: Vec<(&str, &str)> = self.names.into_iter().zip(values.iter().map(AsRef::as_ref)).collect();
            metric.encode(encoder.encode_family(&labels)?)?;
        }
        Ok(())
    }

    fn metric_type(&self) -> MetricType {
        M::TYPE
    }
}

impl<const N: usize, M> fmt::Debug for Labelled<N, M> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Labelled").field(&self.names).finish()
    }
}

#[cfg(test)]
mod tests {
    use prometheus_client::encoding::text::encode;
    use prometheus_client::metrics::counter::Counter;
    use prometheus_client::registry::Registry;

    use super::*;

    #[test]
    fn series_are_written_in_the_order_of_their_labels_whenever_they_came() {
        let counters = Labelled::<2, Counter>::new(["kind", "outcome"], Counter::default);
        for (kind, outcome) in [("b", "done"), ("a", "refused"), ("c", "done"), ("a", "done"), ("b", "done")] {
            counters.of([kind.into(), outcome.into()]).inc();
        }
        let mut registry = Registry::default();
        registry.register("things", "Things", counters);
        let mut text = String::new();
        encode(&mut text, &registry).unwrap();
        let series: Vec<_> = text.lines().filter(|line| !line.starts_with('#')).collect();
        assert_eq!(
            series,
            [
                r#"things_total{kind="a",outcome="done"} 1"#,
                r#"things_total{kind="a",outcome="refused"} 1"#,
                r#"things_total{kind="b",outcome="done"} 2"#,
                r#"things_total{kind="c",outcome="done"} 1"#,
            ]
        );
    }
}
