//! One search: seeds in order until one breaks a property, then the smallest history that still breaks it. This is what
//! the program with the planted bug does, and it knows nothing of the bug.

use std::num::NonZeroUsize;
use std::ops::ControlFlow;

use serde::{Deserialize, Serialize};

use super::PlantedError;
use crate::history::History;
use crate::seeds::SeedRange;
use crate::{campaign, judge};

/// What a search has found.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Find {
    /// The first seed that broke a property.
    pub seed: u64,
    /// Which properties it broke; the first is the one that was searched on with.
    pub broken: Vec<String>,
    /// How many steps its history has.
    pub steps: usize,
    /// How many histories the search for a smaller one has run.
    pub shrink_runs: u32,
    /// Nothing was left to try, and no bound of [`judge::shrink`] was met.
    pub finished: bool,
    /// The smallest history found.
    pub smallest: History,
}

/// Runs `seeds` in order, `jobs` at a time, until one breaks a property, and makes its history smaller.
///
/// # Errors
/// There is no such profile, or our own code or a property panicked.
pub fn hunt(seeds: SeedRange, profile: &str, jobs: NonZeroUsize) -> Result<Option<Find>, PlantedError> {
    judge::check_profile(profile)?;
    let work = |index| {
        let outcome = judge::judge(&judge::draw(seeds.at(index), profile)?);
        if let Some((property, panic)) = outcome.panicked() {
            return Err(PlantedError::PropertyPanicked {
                what: name(seeds.at(index), profile),
                property: property.to_owned(),
                panic: panic.lines().next().unwrap_or_default().to_owned(),
            });
        }
        Ok(outcome.violated().map(|judgement| judgement.id).collect::<Vec<_>>())
    };
    let mut found = Ok(None);
    campaign::in_order(seeds.count(), jobs, work, |index, result| {
        let panicked = |source| PlantedError::Panicked { what: name(seeds.at(index), profile), source };
        match result.map_err(panicked).and_then(|broken| broken) {
            Ok(broken) if broken.is_empty() => return ControlFlow::Continue(()),
            Ok(broken) => found = Ok(Some((seeds.at(index), broken))),
            Err(error) => found = Err(error),
        }
        ControlFlow::Break(())
    });
    let Some((seed, broken)) = found? else { return Ok(None) };
    let history = judge::draw(seed, profile)?;
    let shrunk = judge::shrink(&history, broken[0]);
    Ok(Some(Find {
        seed,
        broken: broken.into_iter().map(str::to_owned).collect(),
        steps: history.steps.len(),
        shrink_runs: shrunk.runs,
        finished: shrunk.finished,
        smallest: shrunk.history,
    }))
}

fn name(seed: u64, profile: &str) -> String {
    format!("seed {seed} of {profile}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_without_a_bug_is_searched_in_vain() {
        let found = hunt("0..3".parse().unwrap(), "calm", NonZeroUsize::MIN).unwrap();
        assert_eq!(found, None);
    }

    #[test]
    fn a_profile_that_is_none_is_refused() {
        assert!(matches!(hunt(SeedRange::one(1), "mild", NonZeroUsize::MIN), Err(PlantedError::Profile(_))));
    }
}
