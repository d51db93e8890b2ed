//! What a fault may be about, and how large it may be: all that its strategy needs to know of a history.

use std::ops::RangeInclusive;

use proptest::prelude::*;
use proptest::strategy::{BoxedStrategy, Union};

/// Who exists.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Population {
    /// The users' names.
    pub users: Vec<String>,
    /// All devices: `user/device`.
    pub devices: Vec<String>,
}

/// What a fault may be about, and how large it may be.
#[derive(Clone, Debug)]
pub struct Scope {
    /// Who exists.
    pub population: Population,
    /// How long a connection may be disturbed.
    pub outage_ms: RangeInclusive<u64>,
    /// How long the server may be away.
    pub down_ms: RangeInclusive<u64>,
}

impl Scope {
    /// A duration of an outage: brief ones as often as long ones.
    pub fn outage(&self) -> BoxedStrategy<u64> {
        durations(&self.outage_ms)
    }

    /// A duration of the server's absence: brief ones as often as long ones.
    pub fn down(&self) -> BoxedStrategy<u64> {
        durations(&self.down_ms)
    }

    /// A small one for tests.
    #[cfg(test)]
    pub(crate) fn sample() -> Self {
        Self {
            population: Population {
                users: vec!["ana".into(), "ben".into()],
                devices: vec!["ana/laptop".into(), "ana/phone".into(), "ben/phone".into()],
            },
            outage_ms: 50..=20_000,
            down_ms: 100..=4_000,
        }
    }
}

/// Shorter durations than `ms` that are worth a try, the shortest first.
pub(super) fn shorter(ms: u64) -> Vec<u64> {
    let mut candidates: Vec<u64> =
        [100, 1_000, ms / 2 / 100 * 100].into_iter().filter(|&to| to > 0 && to < ms).collect();
    candidates.sort_unstable();
    candidates.dedup();
    candidates
}

/// Bands of which each is four times as long as the one before: a heartbeat's timeout is as likely to be passed as a
/// single packet's way.
fn durations(range: &RangeInclusive<u64>) -> BoxedStrategy<u64> {
    let (mut from, end) = (*range.start(), *range.end());
    let mut bands = Vec::new();
    while from < end {
        let to = from.max(1).saturating_mul(4).min(end);
        bands.push((1, (from..=to).boxed()));
        from = to;
    }
    if bands.is_empty() {
        return Just(from).boxed();
    }
    Union::new_weighted(bands).boxed()
}
