//! Recovery as a distribution by kind of fault, over many runs (IT-8): data that is counted, merged and shown.
//!
//! [`Recoveries`] is what is counted: it can be saved, and those of several campaigns add up to what one campaign of all
//! their runs would have counted. [`RecoveryTable`] is what is said of it.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::recovery::Recovery;

/// Times are kept in steps of so many milliseconds, rounded up; the longest is kept as it is.
const STEP_MS: u64 = 10;

/// Which run it was, as a person finds it again.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RunName {
    /// The history of a seed.
    Seed(u64),
    /// A saved history, by its file.
    Saved(String),
}

/// The recoveries of many runs.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Recoveries {
    /// From the heal of the storm, whatever it was.
    after_heal: Distribution,
    /// From each kind of fault, within the storm and after its heal.
    by_fault: BTreeMap<String, Distribution>,
    /// Those at which no fault was at work.
    without_fault: Distribution,
}

/// How long something took, many times.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Distribution {
    /// How often it took up to so many times [`STEP_MS`].
    counts: BTreeMap<u64, u64>,
    /// The longest, and of equal ones the first by name: so that it does not matter who counted what.
    worst: Option<Worst>,
}

/// The longest of many.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Worst {
    /// In which run.
    pub run: RunName,
    /// Whose: `user/device`.
    pub device: String,
    /// How long it took, in simulated milliseconds.
    pub after_ms: u64,
}

/// What is said of the recoveries of many runs.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct RecoveryTable {
    /// From the heal of the storm until a device is in step with the server: what `recovery/within-30s` judges.
    pub after_heal: RecoveryRow,
    /// From each kind of fault, in the order of the catalogue; a kind without samples is there too.
    pub by_fault: Vec<FaultRecovery>,
    /// From the end of a connection that no fault had a part in.
    pub without_fault: RecoveryRow,
}

/// The recoveries from one kind of fault.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct FaultRecovery {
    /// The kind.
    pub kind: String,
    /// How long they took.
    #[serde(flatten)]
    pub row: RecoveryRow,
}

/// What is said of many recoveries. Percentiles are of nearest rank, rounded up to 10 ms.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct RecoveryRow {
    /// How many there were.
    pub samples: u64,
    /// Half of them took at most this long; absent where there were none.
    pub p50_ms: Option<u64>,
    /// 99 of 100 took at most this long.
    pub p99_ms: Option<u64>,
    /// None took longer.
    pub max_ms: Option<u64>,
    /// The longest.
    pub worst: Option<Worst>,
}

impl Recoveries {
    /// Counts one recovery of a run.
    pub fn count(&mut self, run: &RunName, recovery: &Recovery) {
        if recovery.is_after_heal {
            self.after_heal.count(run, recovery);
        }
        // Whoever had everything when the heal came recovered from nothing.
        if recovery.was_in_step {
            return;
        }
        if recovery.from.is_empty() {
            self.without_fault.count(run, recovery);
        }
        for &kind in &recovery.from {
            self.by_fault.entry(kind.to_owned()).or_default().count(run, recovery);
        }
    }

    /// Adds what somebody else has counted.
    pub fn merge(&mut self, other: &Self) {
        self.after_heal.merge(&other.after_heal);
        self.without_fault.merge(&other.without_fault);
        for (kind, distribution) in &other.by_fault {
            self.by_fault.entry(kind.clone()).or_default().merge(distribution);
        }
    }

    /// What is to be said of it; `kinds` are all that could have happened, in the order in which they are told.
    pub fn table<'k>(&self, kinds: impl IntoIterator<Item = &'k str>) -> RecoveryTable {
        let mut left = self.by_fault.clone();
        let row = |kind: String, distribution: Distribution| FaultRecovery { kind, row: distribution.row() };
        let mut by_fault: Vec<FaultRecovery> =
            kinds.into_iter().map(|kind| row(kind.to_owned(), left.remove(kind).unwrap_or_default())).collect();
        // Kinds that the catalogue does not name any more, for they must not be hidden.
        by_fault.extend(left.into_iter().map(|(kind, distribution)| row(kind, distribution)));
        RecoveryTable { after_heal: self.after_heal.row(), by_fault, without_fault: self.without_fault.row() }
    }
}

impl Distribution {
    fn count(&mut self, run: &RunName, recovery: &Recovery) {
        *self.counts.entry(recovery.after_ms.div_ceil(STEP_MS)).or_default() += 1;
        let worst = Worst { run: run.clone(), device: recovery.device.clone(), after_ms: recovery.after_ms };
        self.keep_worst(worst);
    }

    fn merge(&mut self, other: &Self) {
        for (step, count) in &other.counts {
            *self.counts.entry(*step).or_default() += count;
        }
        if let Some(worst) = other.worst.clone() {
            self.keep_worst(worst);
        }
    }

    fn keep_worst(&mut self, candidate: Worst) {
        let is_worse = |worst: &Worst| {
            let of = |worst: &Worst| (std::cmp::Reverse(worst.after_ms), worst.run.clone(), worst.device.clone());
            of(&candidate) < of(worst)
        };
        if self.worst.as_ref().is_none_or(is_worse) {
            self.worst = Some(candidate);
        }
    }

    fn row(&self) -> RecoveryRow {
        RecoveryRow {
            samples: self.counts.values().sum(),
            p50_ms: self.percentile_ms(50),
            p99_ms: self.percentile_ms(99),
            max_ms: self.worst.as_ref().map(|worst| worst.after_ms),
            worst: self.worst.clone(),
        }
    }

    /// The nearest rank; none if there is nothing.
    fn percentile_ms(&self, percent: u64) -> Option<u64> {
        let samples: u64 = self.counts.values().sum();
        let rank = (samples * percent).div_ceil(100).max(1);
        let mut seen = 0;
        let step = self.counts.iter().find_map(|(step, count)| {
            seen += count;
            (seen >= rank).then_some(*step)
        })?;
        // Rounding up must not pass what was really the longest.
        self.worst.as_ref().map(|worst| (step * STEP_MS).min(worst.after_ms))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn recovery(after_ms: u64, from: &[&'static str]) -> Recovery {
        Recovery {
            device: "ana/phone".into(),
            after_ms,
            is_after_heal: from.is_empty(),
            was_in_step: false,
            from: BTreeSet::from_iter(from.iter().copied()),
        }
    }

    fn counted(values_ms: impl IntoIterator<Item = u64>, seed: u64) -> Recoveries {
        let mut recoveries = Recoveries::default();
        for ms in values_ms {
            recoveries.count(&RunName::Seed(seed), &recovery(ms, &["cut", "kill"]));
        }
        recoveries
    }

    #[test]
    fn percentiles_are_of_nearest_rank() {
        let table = counted((1..=200).rev().map(|value| value * 10), 7).table(["cut"]);
        let row = &table.by_fault[0].row;
        assert_eq!((row.samples, row.p50_ms, row.p99_ms, row.max_ms), (200, Some(1_000), Some(1_980), Some(2_000)));
        let one = counted([5], 7).table(["cut"]).by_fault[0].row.clone();
        assert_eq!((one.p50_ms, one.p99_ms, one.max_ms), (Some(5), Some(5), Some(5)));
    }

    #[test]
    fn a_kind_without_samples_is_there_and_one_that_nobody_knows_too() {
        let table = counted([5], 7).table(["stall", "cut"]);
        let kinds: Vec<_> = table.by_fault.iter().map(|row| (&*row.kind, row.row.samples)).collect();
        assert_eq!(kinds, [("stall", 0), ("cut", 1), ("kill", 1)]);
        assert_eq!(table.by_fault[0].row, RecoveryRow::default());
    }

    #[test]
    fn what_shards_counted_adds_up_to_what_one_would_have() {
        let all = {
            let mut all = counted(1..=300, 3);
            for ms in 200..=900 {
                all.count(&RunName::Seed(4), &recovery(ms, &["cut", "kill"]));
            }
            all.count(&RunName::Saved("old.json".into()), &recovery(900, &["cut"]));
            all
        };
        let mut saved = Recoveries::default();
        saved.count(&RunName::Saved("old.json".into()), &recovery(900, &["cut"]));
        let shards = [counted(1..=300, 3), counted(200..=900, 4), saved];
        for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0]] {
            let mut merged = Recoveries::default();
            for shard in order {
                let text = serde_json::to_string(&shards[shard]).unwrap();
                merged.merge(&serde_json::from_str(&text).unwrap());
            }
            assert_eq!(merged, all);
        }
        let worst = all.table(["cut"]).by_fault[0].row.worst.clone().unwrap();
        assert_eq!((worst.run, worst.after_ms), (RunName::Seed(4), 900), "of equal ones the first by name");
    }

    #[test]
    fn a_table_can_be_read_back() {
        let table = counted([5, 700], 7).table(["cut", "stall"]);
        assert_eq!(serde_json::from_str::<RecoveryTable>(&serde_json::to_string(&table).unwrap()).unwrap(), table);
    }

    #[test]
    fn whoever_lost_nothing_recovered_only_from_the_heal() {
        let mut recoveries = Recoveries::default();
        let mut idle = recovery(0, &["cut"]);
        (idle.is_after_heal, idle.was_in_step) = (true, true);
        recoveries.count(&RunName::Seed(1), &idle);
        recoveries.count(&RunName::Seed(1), &recovery(40, &[]));
        let table = recoveries.table(["cut"]);
        assert_eq!((table.after_heal.samples, table.by_fault[0].row.samples), (2, 0));
        assert_eq!(table.without_fault.samples, 1);
    }
}
