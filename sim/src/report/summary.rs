//! The summary of a campaign: what held, and what never happened (SIM-7).
//!
//! A run in which a property had nothing to check is not counted as a pass of that property, and a campaign in which
//! a property never had anything to check is not a pass at all.

use std::collections::BTreeMap;

use properties::Verdict;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::published::Published;
use super::recovery::{Recoveries, RecoveryTable};
use super::{FailureReport, OwnError};
use crate::faults::MOMENTS;
use crate::judge::{Digest, Judgement};
use crate::seeds::SeedRange;

/// All that a campaign has to say.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct CampaignReport {
    /// The end of it.
    pub conclusion: Conclusion,
    /// What happened and what did not.
    pub summary: Summary,
    /// What was broken, in the order in which it was run.
    pub failures: Vec<FailureReport>,
    /// The runs that could not be judged, since our own code panicked.
    pub errors: Vec<OwnError>,
    /// The page that was asked for, if one was. It is a place on this machine, so it is no part of the data for machines.
    #[serde(skip)]
    pub page: String,
}

impl Published for CampaignReport {
    const NAME: &'static str = "run";
    const VERSION: u64 = 1;
    const COMMANDS: &'static [&'static str] = &["cargo sim run"];
}

/// How a campaign ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Conclusion {
    /// Every property held and had something to check.
    Held,
    /// Some property was broken.
    Violated,
    /// Nothing was broken, but some property never had anything to check.
    Vacuous,
}

/// What happened in a campaign, counted.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Summary {
    /// The profile of the new seeds.
    pub profile: String,
    /// The new seeds that were asked for.
    pub seeds: SeedRange,
    /// How many histories were run, the saved ones among them.
    pub runs: u64,
    /// How many of these were saved ones.
    pub saved: u64,
    /// How many simulated milliseconds passed.
    pub simulated_ms: u64,
    /// Each property, in the order of the catalogue.
    pub properties: Vec<PropertyTally>,
    /// Each kind of operation, in the order of the catalogue.
    pub operations: Vec<OperationTally>,
    /// Each kind of fault, in the order of the catalogue.
    pub faults: Vec<FaultTally>,
    /// Each kind of moment that a fault can wait for, in the order of the catalogue.
    pub moments: Vec<MomentTally>,
    /// How long devices took to find back, by kind of fault.
    pub recovery: RecoveryTable,
    /// A hash over the fingerprints of all runs, in order; empty where runs have no order.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub fingerprint: String,
}

/// How one property fared.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct PropertyTally {
    /// The property.
    pub id: String,
    /// The requirements that it proves.
    pub requirements: Vec<String>,
    /// How often it had something to check, in all runs together.
    pub checked: u64,
    /// In how many runs it held, and had something to check.
    pub held_runs: u64,
    /// In how many runs it was broken.
    pub violated_runs: u64,
    /// In how many runs it had nothing to check.
    pub vacuous_runs: u64,
    /// What was missing then, the last time.
    pub vacuous_reason: Option<String>,
}

/// How one kind of operation fared: operations at work.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct OperationTally {
    /// The kind.
    pub kind: String,
    /// How often a device did it.
    pub done: u64,
    /// How often the server did what was asked.
    pub succeeded: u64,
    /// How often it refused for good.
    pub refused: u64,
    /// How often it succeeded though something was wrong meanwhile.
    pub amid_faults: u64,
    /// In how many runs it succeeded.
    pub runs: u64,
}

/// How often one kind of fault happened.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct FaultTally {
    /// The kind.
    pub kind: String,
    /// How often it was applied.
    pub fired: u64,
    /// How often that did something.
    pub effective: u64,
    /// In how many runs it was applied.
    pub runs: u64,
}

/// How often faults waited for one kind of moment.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct MomentTally {
    /// The kind.
    pub kind: String,
    /// How often one was waited for.
    pub awaited: u64,
    /// How often it came in time.
    pub came: u64,
}

/// Counts runs, one after another. It can be saved in the midst of that, and added to another.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Counter {
    summary: Summary,
    fault_kinds: Vec<String>,
    faults: BTreeMap<String, FaultTally>,
    recoveries: Recoveries,
    /// Of runs in their order, which what was saved or added has not.
    #[serde(skip)]
    fingerprints: Vec<u8>,
}

impl Counter {
    /// Begins to count. `operation_kinds` and `fault_kinds` are all that could happen: one that does not is to be seen.
    pub fn new(
        profile: &str,
        seeds: SeedRange,
        operation_kinds: Vec<&'static str>,
        fault_kinds: Vec<&'static str>,
    ) -> Self {
        let summary = Summary {
            profile: profile.to_owned(),
            seeds,
            runs: 0,
            saved: 0,
            simulated_ms: 0,
            properties: Vec::new(),
            operations: operation_kinds.into_iter().map(OperationTally::never).collect(),
            faults: Vec::new(),
            moments: MOMENTS
                .iter()
                .map(|kind| MomentTally { kind: kind.name.to_owned(), awaited: 0, came: 0 })
                .collect(),
            recovery: RecoveryTable::default(),
            fingerprint: String::new(),
        };
        let fault_kinds = fault_kinds.into_iter().map(str::to_owned).collect();
        Self {
            summary,
            fault_kinds,
            faults: BTreeMap::new(),
            recoveries: Recoveries::default(),
            fingerprints: Vec::new(),
        }
    }

    /// Counts one run.
    pub fn count(&mut self, run: &Digest, saved: bool) {
        self.summary.runs += 1;
        self.summary.saved += u64::from(saved);
        self.summary.simulated_ms += run.simulated_ms;
        run.recoveries.iter().for_each(|recovery| self.recoveries.count(&run.name, recovery));
        self.fingerprints.extend(run.fingerprint.0.to_be_bytes());
        for (&kind, count) in &run.faults {
            let tally = self.faults.entry(kind.to_owned()).or_insert_with(|| FaultTally::never(kind));
            tally.fired += count.fired;
            tally.effective += count.effective;
            tally.runs += u64::from(count.fired > 0);
        }
        for (&kind, count) in &run.operations {
            // Every kind that can be done is in the catalogue.
            let Some(tally) = self.summary.operations.iter_mut().find(|tally| tally.kind == kind) else { continue };
            tally.done += count.done;
            tally.succeeded += count.succeeded;
            tally.refused += count.refused;
            tally.amid_faults += count.amid_faults;
            tally.runs += u64::from(count.succeeded > 0);
        }
        for (&kind, count) in &run.moments {
            let Some(tally) = self.summary.moments.iter_mut().find(|tally| tally.kind == kind) else { continue };
            tally.awaited += count.awaited;
            tally.came += count.came;
        }
        for judgement in &run.judgements {
            let tally = self.property(judgement.id, judgement.requirements);
            match &judgement.verdict {
                Verdict::Held { checked } => {
                    tally.checked += checked;
                    tally.held_runs += 1;
                }
                Verdict::Violated(_) => tally.violated_runs += 1,
                Verdict::Vacuous { reason } => {
                    tally.vacuous_runs += 1;
                    tally.vacuous_reason = Some((*reason).to_owned());
                }
                // The command stops at it: it says nothing about the system.
                Verdict::Broken { .. } => {}
            }
        }
    }

    /// The sum of it.
    pub fn finish(mut self) -> Summary {
        for kind in &self.fault_kinds {
            let tally = self.faults.remove(kind).unwrap_or_else(|| FaultTally::never(kind));
            self.summary.faults.push(tally);
        }
        // Kinds that the catalogue does not name, for the tally must not hide them.
        self.summary.faults.extend(self.faults.into_values());
        self.summary.recovery = self.recoveries.table(self.fault_kinds.iter().map(String::as_str));
        if self.fingerprints.len() as u64 == self.summary.runs * 16 {
            self.summary.fingerprint = format!("{:032x}", xxhash_rust::xxh3::xxh3_128(&self.fingerprints));
        }
        self.summary
    }

    /// How many runs were counted.
    pub fn runs(&self) -> u64 {
        self.summary.runs
    }

    /// Adds what another has counted. The sum has no fingerprint: what is added has no order.
    pub fn merge(&mut self, other: Self) {
        let (summary, more) = (&mut self.summary, other.summary);
        summary.runs += more.runs;
        summary.saved += more.saved;
        summary.simulated_ms += more.simulated_ms;
        for tally in more.operations {
            match summary.operations.iter_mut().find(|known| known.kind == tally.kind) {
                Some(known) => known.add(&tally),
                None => summary.operations.push(tally),
            }
        }
        for tally in more.properties {
            match summary.properties.iter_mut().find(|known| known.id == tally.id) {
                Some(known) => known.add(tally),
                None => summary.properties.push(tally),
            }
        }
        for tally in more.moments {
            match summary.moments.iter_mut().find(|known| known.kind == tally.kind) {
                Some(known) => {
                    known.awaited += tally.awaited;
                    known.came += tally.came;
                }
                None => summary.moments.push(tally),
            }
        }
        for (kind, tally) in other.faults {
            self.faults.entry(kind).or_insert_with_key(|kind| FaultTally::never(kind)).add(&tally);
        }
        self.recoveries.merge(&other.recoveries);
        self.fingerprints.clear();
    }

    fn property(&mut self, id: &str, requirements: &[&str]) -> &mut PropertyTally {
        let tallies = &mut self.summary.properties;
        let index = tallies.iter().position(|tally| tally.id == id).unwrap_or_else(|| {
            tallies.push(PropertyTally::new(id, requirements));
            tallies.len() - 1
        });
        &mut tallies[index]
    }
}

impl Conclusion {
    /// How one run ended.
    pub fn of(judgements: &[Judgement]) -> Self {
        let any = |is: fn(&Verdict) -> bool| judgements.iter().any(|judgement| is(&judgement.verdict));
        if any(|verdict| matches!(verdict, Verdict::Violated(_))) {
            Self::Violated
        } else if judgements.is_empty() || any(|verdict| matches!(verdict, Verdict::Vacuous { .. })) {
            Self::Vacuous
        } else {
            Self::Held
        }
    }
}

impl Summary {
    /// How the campaign ended.
    pub fn conclusion(&self) -> Conclusion {
        if self.properties.iter().any(|tally| tally.violated_runs > 0) {
            Conclusion::Violated
        } else if self.properties.is_empty() || self.never_checked().next().is_some() {
            Conclusion::Vacuous
        } else {
            Conclusion::Held
        }
    }

    /// The properties that had nothing to check in any run.
    pub fn never_checked(&self) -> impl Iterator<Item = &PropertyTally> {
        self.properties.iter().filter(|tally| tally.held_runs == 0 && tally.violated_runs == 0)
    }

    /// The kinds of operations that no device did in any run.
    pub fn never_done(&self) -> impl Iterator<Item = &OperationTally> {
        self.operations.iter().filter(|tally| tally.done == 0)
    }

    /// The kinds of operations that devices did, but that never succeeded.
    pub fn never_succeeded(&self) -> impl Iterator<Item = &OperationTally> {
        self.operations.iter().filter(|tally| tally.done > 0 && tally.succeeded == 0)
    }

    /// The kinds of faults that did not happen in any run.
    pub fn never_fired(&self) -> impl Iterator<Item = &FaultTally> {
        self.faults.iter().filter(|tally| tally.fired == 0)
    }

    /// The kinds of moments that were waited for, but never came.
    pub fn never_came(&self) -> impl Iterator<Item = &MomentTally> {
        self.moments.iter().filter(|tally| tally.awaited > 0 && tally.came == 0)
    }

    /// The kinds of faults that happened, but never did anything.
    pub fn never_effective(&self) -> impl Iterator<Item = &FaultTally> {
        self.faults.iter().filter(|tally| tally.fired > 0 && tally.effective == 0)
    }
}

impl PropertyTally {
    fn new(id: &str, requirements: &[&str]) -> Self {
        Self {
            id: id.to_owned(),
            requirements: requirements.iter().map(|id| (*id).to_owned()).collect(),
            checked: 0,
            held_runs: 0,
            violated_runs: 0,
            vacuous_runs: 0,
            vacuous_reason: None,
        }
    }
}

impl PropertyTally {
    fn add(&mut self, other: Self) {
        self.checked += other.checked;
        self.held_runs += other.held_runs;
        self.violated_runs += other.violated_runs;
        self.vacuous_runs += other.vacuous_runs;
        self.vacuous_reason = other.vacuous_reason.or(self.vacuous_reason.take());
    }
}

impl OperationTally {
    fn add(&mut self, other: &Self) {
        self.done += other.done;
        self.succeeded += other.succeeded;
        self.refused += other.refused;
        self.amid_faults += other.amid_faults;
        self.runs += other.runs;
    }

    fn never(kind: &str) -> Self {
        Self { kind: kind.to_owned(), done: 0, succeeded: 0, refused: 0, amid_faults: 0, runs: 0 }
    }
}

impl FaultTally {
    fn add(&mut self, other: &Self) {
        self.fired += other.fired;
        self.effective += other.effective;
        self.runs += other.runs;
    }

    fn never(kind: &str) -> Self {
        Self { kind: kind.to_owned(), fired: 0, effective: 0, runs: 0 }
    }
}

#[cfg(test)]
mod tests {
    use properties::Violation;

    use super::super::recovery::RunName;
    use super::*;
    use crate::world::{FaultCount, Fingerprint, MomentCount, OperationCount};

    fn digest(verdicts: [Verdict; 2], fired: u64) -> Digest {
        let [first, second] = verdicts;
        let judgement = |id, verdict| Judgement { id, requirements: &["CG-2"], verdict };
        Digest {
            name: RunName::Seed(3),
            fingerprint: Fingerprint(7),
            simulated_ms: 10,
            faults: BTreeMap::from([("cut", FaultCount { fired, effective: 0 })]),
            moments: BTreeMap::from([("commit", MomentCount { awaited: 2, came: fired })]),
            operations: BTreeMap::from([
                ("send", OperationCount { done: 2, succeeded: fired, refused: 0, amid_faults: fired }),
                ("post", OperationCount { done: 1, succeeded: 0, refused: 1, amid_faults: 0 }),
            ]),
            recoveries: vec![],
            judgements: vec![judgement("a/first", first), judgement("b/second", second)],
        }
    }

    fn summary(runs: &[Digest]) -> Summary {
        let mut counter =
            Counter::new("standard", SeedRange::one(3), vec!["send", "post", "close"], vec!["kill", "cut"]);
        runs.iter().for_each(|run| counter.count(run, false));
        counter.finish()
    }

    const HELD: Verdict = Verdict::Held { checked: 4 };
    const VACUOUS: Verdict = Verdict::Vacuous { reason: "nobody was there" };

    #[test]
    fn a_property_that_never_had_anything_to_check_is_no_pass() {
        let broken = Verdict::Violated(Violation { expected: "a".into(), observed: "b".into(), evidence: vec![] });
        let check = |runs: &[Digest], conclusion| assert_eq!(summary(runs).conclusion(), conclusion);
        check(&[digest([HELD, HELD], 1)], Conclusion::Held);
        check(&[digest([HELD, VACUOUS], 1)], Conclusion::Vacuous);
        check(&[digest([HELD, VACUOUS], 1), digest([HELD, HELD], 1)], Conclusion::Held);
        check(&[digest([broken, VACUOUS], 1)], Conclusion::Violated);
        check(&[], Conclusion::Vacuous);
    }

    #[test]
    fn parts_that_were_saved_add_up_to_the_whole() {
        let runs = [digest([HELD, VACUOUS], 2), digest([HELD, HELD], 0), digest([VACUOUS, HELD], 5)];
        let counter = |runs: &[Digest]| {
            let operations = vec!["send", "post", "close"];
            let mut counter = Counter::new("standard", SeedRange::one(3), operations, vec!["kill", "cut"]);
            runs.iter().for_each(|run| counter.count(run, false));
            let saved = serde_json::to_string(&counter).unwrap();
            serde_json::from_str::<Counter>(&saved).unwrap()
        };
        let mut sum = counter(&runs[..1]);
        sum.merge(counter(&runs[1..2]));
        sum.merge(counter(&runs[2..]));
        let expected = Summary { fingerprint: String::new(), ..summary(&runs) };
        assert_eq!((sum.runs(), sum.finish()), (3, expected));
    }

    #[test]
    fn what_never_happened_is_counted_too() {
        let summary = summary(&[digest([HELD, VACUOUS], 2), digest([HELD, VACUOUS], 0)]);
        let names = |tallies: Vec<&FaultTally>| tallies.iter().map(|tally| tally.kind.clone()).collect::<Vec<_>>();
        assert_eq!(names(summary.never_fired().collect()), ["kill"]);
        assert_eq!(names(summary.never_effective().collect()), ["cut"]);
        assert_eq!(summary.never_checked().map(|tally| tally.id.as_str()).collect::<Vec<_>>(), ["b/second"]);
        let kinds = |tallies: Vec<&OperationTally>| tallies.iter().map(|tally| tally.kind.clone()).collect::<Vec<_>>();
        assert_eq!(kinds(summary.never_done().collect()), ["close"]);
        assert_eq!(kinds(summary.never_succeeded().collect()), ["post"]);
        let send = &summary.operations[0];
        assert_eq!((send.done, send.succeeded, send.amid_faults, send.runs), (4, 2, 2, 1));
        let commit = summary.moments.iter().find(|tally| tally.kind == "commit").unwrap();
        assert_eq!((commit.awaited, commit.came), (4, 2));
        assert_eq!(summary.never_came().count(), 0);
        let cut = &summary.faults[1];
        assert_eq!((cut.fired, cut.runs), (2, 1));
        let first = &summary.properties[0];
        assert_eq!((first.checked, first.held_runs, first.vacuous_runs), (8, 2, 0));
        assert_eq!(summary.properties[1].vacuous_reason.as_deref(), Some("nobody was there"));
    }
}
