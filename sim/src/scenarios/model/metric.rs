//! A figure of a scenario (SC-6), with the bound that it is held to (IT-9).

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

/// One figure.
#[derive(Clone, PartialEq, Debug, Serialize, JsonSchema)]
pub struct Metric {
    /// Of what kind.
    pub kind: MetricKind,
    /// What was measured: `POST /api/v1/rooms`, `message.created`, `server`.
    pub operation: String,
    /// The figure.
    pub value: f64,
    /// Its unit, which is its kind's.
    pub unit: Unit,
    /// The bound.
    pub threshold: f64,
    /// Whether the figure is below its bound.
    pub within: bool,
    /// When the measurement was complete, in milliseconds since the scenario began.
    pub at_ms: u64,
    /// What else there is to say: how many samples it is of, which percentile.
    pub context: BTreeMap<&'static str, String>,
}

/// What kinds of figures there are.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MetricKind {
    /// From a REST request to its whole answer.
    ApiResponse,
    /// From the answer of the call that caused it to its push at a device.
    WebsocketDelivery,
    /// What the server's process holds beyond what it held before.
    Memory,
    /// How much of one core the server's process used.
    Cpu,
}

/// What figures are counted in.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Milliseconds.
    Milliseconds,
    /// Bytes.
    Bytes,
    /// Hundredths of one core.
    Percent,
}

/// A bound: a figure must be below it.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Threshold(pub f64);

impl MetricKind {
    /// What figures of the kind are counted in.
    pub const fn unit(self) -> Unit {
        match self {
            Self::ApiResponse | Self::WebsocketDelivery => Unit::Milliseconds,
            Self::Memory => Unit::Bytes,
            Self::Cpu => Unit::Percent,
        }
    }

    /// The bound of IT-9. Nothing there bounds the processor's time; a server that keeps more than four cores busy for
    /// a scenario is a server that spins.
    pub const fn threshold(self) -> Threshold {
        match self {
            Self::ApiResponse => Threshold(500.0),
            Self::WebsocketDelivery => Threshold(100.0),
            Self::Memory => Threshold((50 << 20) as f64),
            Self::Cpu => Threshold(400.0),
        }
    }
}

impl Metric {
    /// A figure, judged by the bound of its kind.
    pub fn new(kind: MetricKind, operation: impl Into<String>, value: f64, at_ms: u64) -> Self {
        let Threshold(threshold) = kind.threshold();
        let (operation, unit, within) = (operation.into(), kind.unit(), value < threshold);
        Self { kind, operation, value, unit, threshold, within, at_ms, context: BTreeMap::new() }
    }

    /// With something more to say about it.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.context.insert(name, value.to_string());
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_is_within_below_its_bound_and_not_at_it() {
        let at = |value| Metric::new(MetricKind::WebsocketDelivery, "message.created", value, 0);
        assert!(at(99.9).within && !at(100.0).within);
        assert_eq!(at(1.0).unit, Unit::Milliseconds);
        let memory = Metric::new(MetricKind::Memory, "server", f64::from(51 << 20), 0).with("baseline_bytes", 7);
        assert!(!memory.within && memory.context["baseline_bytes"] == "7");
    }
}
