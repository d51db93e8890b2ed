//! What a measurement found, as data.

use schemars::JsonSchema;
use serde::Serialize;

use super::Percentiles;
use crate::report::published::Published;

/// All that was measured in one call of the command.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct LoadReport {
    /// The commit of the server.
    pub commit: String,
    /// In the order of their run.
    pub parts: Vec<PartReport>,
}

impl Published for LoadReport {
    const NAME: &'static str = "load";
    const VERSION: u64 = 1;
    const COMMANDS: &'static [&'static str] = &["cargo sim load"];
}

/// One part of the load.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct PartReport {
    /// Which.
    pub part: &'static str,
    /// What was done, with its sizes.
    pub what: String,
    /// What was found.
    pub figures: Vec<Figure>,
}

/// One measured figure.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Figure {
    /// Of what.
    pub name: &'static str,
    /// How much.
    pub value: f64,
    /// In which unit.
    pub unit: &'static str,
    /// What it must not exceed or fall below, and the requirement that says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bound: Option<Bound>,
    /// The distribution that it was taken from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub percentiles: Option<Percentiles>,
}

/// A bound and where it comes from.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, JsonSchema)]
pub struct Bound {
    /// `at most` or `at least`.
    pub kind: BoundKind,
    /// The figure.
    pub value: f64,
    /// The requirement.
    pub requirement: &'static str,
}

/// Which side of a bound is good.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BoundKind {
    /// Not more.
    AtMost,
    /// Not less.
    AtLeast,
}

impl Figure {
    /// A figure without a bound.
    pub(super) fn new(name: &'static str, value: f64, unit: &'static str) -> Self {
        Self { name, value, unit, bound: None, percentiles: None }
    }

    /// One quantile of a distribution, in milliseconds.
    pub(super) fn latency(name: &'static str, quantile_us: u64, percentiles: Percentiles) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "microseconds of one run are far below 2^52")]
        let value = quantile_us as f64 / 1_000.0;
        Self { percentiles: Some(percentiles), ..Self::new(name, value, "ms") }
    }

    /// Must not be more.
    #[must_use]
    pub(super) fn at_most(mut self, value: f64, requirement: &'static str) -> Self {
        self.bound = Some(Bound { kind: BoundKind::AtMost, value, requirement });
        self
    }

    /// Must not be less.
    #[must_use]
    pub(super) fn at_least(mut self, value: f64, requirement: &'static str) -> Self {
        self.bound = Some(Bound { kind: BoundKind::AtLeast, value, requirement });
        self
    }

    /// Whether the bound is kept; so is one that does not exist.
    pub fn within(&self) -> bool {
        self.bound.is_none_or(|bound| match bound.kind {
            BoundKind::AtMost => self.value <= bound.value,
            BoundKind::AtLeast => self.value >= bound.value,
        })
    }
}

impl LoadReport {
    /// Whether every bound is kept.
    pub fn within(&self) -> bool {
        self.parts.iter().flat_map(|part| &part.figures).all(Figure::within)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_has_a_good_side() {
        let figure = |value| Figure::new("connection", value, "KB");
        assert!(figure(11.0).within());
        assert!(figure(10.0).at_most(10.0, "WS-P2").within());
        assert!(!figure(10.1).at_most(10.0, "WS-P2").within());
        assert!(figure(10.0).at_least(10.0, "issue").within());
        assert!(!figure(9.9).at_least(10.0, "issue").within());
    }
}
