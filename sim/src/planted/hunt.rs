//! Several searches side by side. This is what the program with the planted bug does, and it knows nothing of the bug.

use std::num::NonZeroUsize;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::PlantedError;
use super::search::{Find, Prowl, Search, Searched};

/// Runs each search until it has found something, has run all that it may, or the time is up. The searches take turns:
/// none has run many histories more than another.
///
/// # Errors
/// There is no such profile, or our own code or a property panicked.
pub fn hunt(searches: &[Search], time: Duration, jobs: NonZeroUsize) -> Result<Vec<Searched>, PlantedError> {
    let lanes = searches.iter().map(|search| Ok(Lane::new(Prowl::new(search.clone())?)));
    let lanes = lanes.collect::<Result<Vec<_>, PlantedError>>()?;
    let shared = Shared { state: Mutex::new(State { lanes, failure: None }), changed: Condvar::new() };
    #[expect(clippy::disallowed_methods, reason = "bounds how long a person waits; no run can see it")]
    let began = Instant::now();
    thread::scope(|scope| {
        for _ in 0..jobs.get().min(searches.len()) {
            scope.spawn(|| shared.work(|| began.elapsed() >= time));
        }
    });
    let State { lanes, failure } = shared.state.into_inner().unwrap_or_else(PoisonError::into_inner);
    match failure {
        Some(error) => Err(error),
        None => Ok(lanes.into_iter().map(Lane::searched).collect()),
    }
}

/// One search among several.
struct Lane {
    /// Away while it is worked on.
    prowl: Option<Prowl>,
    histories: u64,
    took: Duration,
    find: Option<Find>,
}

struct State {
    lanes: Vec<Lane>,
    failure: Option<PlantedError>,
}

struct Shared {
    state: Mutex<State>,
    /// A lane came back.
    changed: Condvar,
}

impl Lane {
    fn new(prowl: Prowl) -> Self {
        Self { prowl: Some(prowl), histories: 0, took: Duration::ZERO, find: None }
    }

    fn is_waiting(&self) -> bool {
        self.find.is_none() && self.prowl.as_ref().is_some_and(|prowl| !prowl.is_over())
    }

    fn searched(self) -> Searched {
        let took_ms = u64::try_from(self.took.as_millis()).unwrap_or(u64::MAX);
        Searched { histories: self.histories, took_ms, find: self.find }
    }
}

impl Shared {
    /// One of the jobs: takes the lane that is the furthest behind, for one history.
    fn work(&self, is_over: impl Fn() -> bool) {
        while let Some((index, mut prowl)) = self.take(&is_over) {
            #[expect(clippy::disallowed_methods, reason = "measures the search; no run can see it")]
            let began = Instant::now();
            let stepped = prowl.step();
            let took = began.elapsed();
            let mut state = self.lock();
            let lane = &mut state.lanes[index];
            lane.took += took;
            lane.histories = prowl.histories();
            lane.prowl = Some(prowl);
            match stepped {
                Ok(find) => lane.find = find,
                Err(error) => state.failure = Some(error),
            }
            drop(state);
            self.changed.notify_all();
        }
    }

    fn take(&self, is_over: &impl Fn() -> bool) -> Option<(usize, Prowl)> {
        let mut state = self.lock();
        loop {
            if state.failure.is_some() || is_over() {
                return None;
            }
            let lanes = state.lanes.iter_mut().enumerate();
            if let Some((index, lane)) =
                lanes.filter(|(_, lane)| lane.is_waiting()).min_by_key(|(_, lane)| lane.histories)
            {
                return lane.prowl.take().map(|prowl| (index, prowl));
            }
            if state.lanes.iter().all(|lane| lane.prowl.is_some()) {
                return None;
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn search(profile: &str, first_seed: u64, most: u64) -> Search {
        Search { profile: profile.to_owned(), guided: false, first_seed, most, after: 0 }
    }

    const HOUR: Duration = Duration::from_secs(3_600);

    #[test]
    fn every_search_runs_all_that_it_may_when_there_is_nothing_to_find() {
        let searches = [search("calm", 0, 2), search("calm", 50, 1), search("calm", 100, 3)];
        let jobs = NonZeroUsize::new(2).unwrap();
        let searched = hunt(&searches, HOUR, jobs).unwrap();
        assert_eq!(searched.iter().map(|searched| searched.histories).collect::<Vec<_>>(), [2, 1, 3]);
        assert!(searched.iter().all(|searched| searched.find.is_none() && searched.took_ms > 0));
    }

    #[test]
    fn no_time_is_no_history() {
        let searched = hunt(&[search("calm", 0, 2)], Duration::ZERO, NonZeroUsize::MIN).unwrap();
        assert_eq!(searched, [Searched { histories: 0, took_ms: 0, find: None }]);
    }

    #[test]
    fn a_profile_that_is_none_is_refused() {
        let refused = hunt(&[search("mild", 0, 1)], HOUR, NonZeroUsize::MIN);
        assert!(matches!(refused, Err(PlantedError::Profile(_))));
    }
}
