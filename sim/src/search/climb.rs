//! Hill climbing: from the worst histories known, change by change, to worse ones.
//!
//! A generation is a handful of mutants of the worst history so far, tried side by side; the worst of them is the next to
//! be changed, if it is worse. Where several generations in a row bring nothing, the climb begins again from the next of
//! its starts. What comes out depends on the starts, the profile and the number of runs, and on nothing else: neither on
//! the number of jobs nor on which of them is faster.

use std::num::NonZeroUsize;
use std::ops::ControlFlow;

use crate::campaign::{self, Panicked};
use crate::history::{History, Profile};
use crate::keyed::Key;
use crate::mutation::{Material, Mutation};

/// How many mutants a generation has.
const GENERATION: u64 = 8;

/// After so many generations that brought nothing the climb begins again from another start.
const PATIENCE: u32 = 5;

/// How bad a run was: the greater the worse. What comes first counts first; the second tells equals apart, so that there
/// is a way up where the first does not change.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct Score {
    /// The worst of its figures.
    pub worst: u64,
    /// All of its figures together.
    pub sum: u64,
}

/// What came of one history.
#[derive(Clone, PartialEq, Debug)]
pub struct Trial<T> {
    /// The history.
    pub history: History,
    /// How bad its run was.
    pub score: Score,
    /// What else there is to say of it.
    pub told: T,
}

/// One step up.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Gain {
    /// Which of the runs of the climb it was, from 1.
    pub run: u64,
    /// How bad it was.
    pub score: Score,
}

/// The climb.
#[derive(Clone, Debug)]
pub struct Climb<'p> {
    /// The profile of the histories.
    pub profile: &'p Profile,
    /// How many histories are tried.
    pub runs: u64,
    /// How many side by side.
    pub jobs: NonZeroUsize,
}

/// Where a climb has come to.
#[derive(Clone, PartialEq, Debug)]
pub struct Found<T> {
    /// The worst.
    pub worst: Trial<T>,
    /// Each time that something worse than everything before was found.
    pub gains: Vec<Gain>,
    /// How many histories were tried.
    pub runs: u64,
    /// It ended since this one must be looked at.
    pub stopped_by: Option<Trial<T>>,
}

impl Climb<'_> {
    /// Climbs from `starts`, the first of which is the worst; nothing if there is none. `try_one` runs a history, and
    /// `is_over` says of what came of one whether it ends the climb. `progress` hears of each run.
    ///
    /// # Errors
    /// A run panicked: our own code is at fault. The history goes with it.
    pub fn from<T: Clone + Send>(
        &self,
        starts: &[Trial<T>],
        try_one: impl Fn(&History) -> (Score, T) + Sync,
        is_over: impl Fn(&T) -> bool,
        mut progress: impl FnMut(),
    ) -> Result<Option<Found<T>>, Box<(History, Panicked)>> {
        let Some(first) = starts.first() else { return Ok(None) };
        let mut found = Found { worst: first.clone(), gains: Vec::new(), runs: 0, stopped_by: None };
        let mut hills = starts.iter().cycle();
        let mut current = hills.next().cloned().unwrap_or_else(|| first.clone());
        let key = Key::new(first.history.seed).with("climb");
        let (mut generation, mut in_vain) = (0_u64, 0);
        while found.runs < self.runs {
            let count = GENERATION.min(self.runs - found.runs);
            let mutants: Vec<History> =
                (0..count).map(|number| self.mutant(&current.history, key.with(generation).with(number))).collect();
            let mut best: Option<Trial<T>> = None;
            let mut failure = None;
            let work = |number: u64| {
                let history = usize::try_from(number).ok().and_then(|number| mutants.get(number));
                try_one(history.expect("there are as many mutants as numbers"))
            };
            campaign::in_order(count, self.jobs, work, |number, result| {
                progress();
                found.runs += 1;
                let history = mutants[usize::try_from(number).unwrap_or_default()].clone();
                match result {
                    Err(panicked) => failure = Some(Box::new((history, panicked))),
                    Ok((score, told)) => {
                        let trial = Trial { history, score, told };
                        if is_over(&trial.told) {
                            found.stopped_by = Some(trial);
                        } else {
                            if trial.score > found.worst.score {
                                found.gains.push(Gain { run: found.runs, score });
                                found.worst = trial.clone();
                            }
                            if best.as_ref().is_none_or(|best| trial.score > best.score) {
                                best = Some(trial);
                            }
                            return ControlFlow::Continue(());
                        }
                    }
                }
                ControlFlow::Break(())
            });
            if let Some(failure) = failure {
                return Err(failure);
            }
            if found.stopped_by.is_some() {
                break;
            }
            in_vain += 1;
            if let Some(best) = best.filter(|best| best.score > current.score) {
                (current, in_vain) = (best, 0);
            } else if in_vain >= PATIENCE
                && let Some(next) = hills.next()
            {
                (current, in_vain) = (next.clone(), 0);
            }
            generation += 1;
        }
        Ok(Some(found))
    }

    /// A history with one change or a few; with other weather where none of the changes applies.
    fn mutant(&self, history: &History, key: Key) -> History {
        let material = Material { donor: history, profile: self.profile };
        let mutant = Mutation::FOR_THE_WORST.apply(history, &material, key);
        mutant.unwrap_or_else(|| History { seed: key.with("weather").u64() >> 32, ..history.clone() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::faults::Fault;

    /// The longer faults last together, the worse.
    fn bad(history: &History) -> (Score, u64) {
        let sum = history.faults().map(Fault::lasts_ms).sum();
        let worst = history.faults().map(Fault::lasts_ms).max().unwrap_or_default();
        (Score { worst, sum }, sum)
    }

    fn starts(profile: &Profile) -> Vec<Trial<u64>> {
        let trial = |seed| {
            let history = History::from_seed(seed, profile);
            let (score, told) = bad(&history);
            Trial { history, score, told }
        };
        let mut starts: Vec<_> = (0..4).map(trial).collect();
        starts.sort_by_key(|trial| std::cmp::Reverse(trial.score));
        starts
    }

    #[test]
    fn it_climbs_and_does_not_depend_on_the_number_of_jobs() {
        let profile = Profile::standard();
        let starts = starts(&profile);
        let climb = |jobs| {
            let jobs = NonZeroUsize::new(jobs).unwrap();
            Climb { profile: &profile, runs: 203, jobs }.from(&starts, bad, |_| false, || {}).unwrap().unwrap()
        };
        let found = climb(1);
        assert_eq!((found.runs, found.stopped_by.is_none()), (203, true));
        assert!(found.worst.score > starts[0].score && !found.gains.is_empty(), "{:?}", found.gains);
        assert!(found.gains.is_sorted_by_key(|gain| gain.score));
        assert_eq!(found.gains.last().map(|gain| gain.score), Some(found.worst.score));
        assert_eq!(found, climb(7));
    }

    #[test]
    fn it_stops_where_something_must_be_looked_at() {
        let profile = Profile::standard();
        let starts = starts(&profile);
        let more = starts[0].told + 10_000;
        let climb = Climb { profile: &profile, runs: 5_000, jobs: NonZeroUsize::MIN };
        let found = climb.from(&starts, bad, |sum| *sum > more, || {}).unwrap().unwrap();
        assert!(found.runs < 5_000);
        assert!(found.stopped_by.is_some_and(|trial| trial.told > more));
    }

    #[test]
    fn a_panic_comes_with_its_history() {
        let profile = Profile::standard();
        let climb = Climb { profile: &profile, runs: 8, jobs: NonZeroUsize::MIN };
        let panics = |_: &History| -> (Score, u64) { panic!("our own bug") };
        let failure = climb.from(&starts(&profile), panics, |_| false, || {}).unwrap_err();
        let (history, panicked) = *failure;
        assert!(panicked.message.contains("our own bug") && history.flaws().is_empty());
    }

    #[test]
    fn from_nothing_it_goes_nowhere() {
        let profile = Profile::standard();
        let climb = Climb { profile: &profile, runs: 8, jobs: NonZeroUsize::MIN };
        assert_eq!(climb.from(&[], bad, |_| false, || {}), Ok(None));
    }
}
