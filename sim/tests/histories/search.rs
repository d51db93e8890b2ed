//! proptest runs histories until one is in trouble, and then smaller ones, until none smaller is in the same trouble.

use std::cell::RefCell;
use std::fmt;

use proptest::strategy::Strategy;
use proptest::test_runner::{Config, TestCaseError, TestCaseResult, TestError, TestRunner};
use sim::history::{History, HistoryStrategy};
use sim::judge::Outcome;

use crate::trouble::Trouble;

/// A history in trouble.
#[derive(Debug)]
pub struct Found {
    /// The smallest that is in this trouble.
    pub history: History,
    /// How many steps the first one had.
    pub steps: usize,
    /// What is wrong with it.
    pub trouble: Trouble,
}

/// Runs the histories that `strategy` draws, as many as `config` says, each by `trial`. `passed` sees each that is in no
/// trouble, up to the first that is.
pub fn search(
    strategy: HistoryStrategy,
    config: Config,
    trial: impl Fn(&History) -> Result<Outcome, Trouble>,
    passed: impl FnMut(Outcome),
) -> Result<(), Box<Found>> {
    let (found, passed) = (RefCell::new(None), RefCell::new(passed));
    let result = TestRunner::new(config).run(&strategy.prop_map(Drawn), |Drawn(history)| {
        try_one(history, &trial, &mut found.borrow_mut(), &mut *passed.borrow_mut())
    });
    match (result, found.into_inner()) {
        (Ok(()), None) => Ok(()),
        (_, Some(found)) => Err(Box::new(found)),
        (Err(TestError::Abort(reason) | TestError::Fail(reason, _)), None) => {
            panic!("proptest gave up without a history in trouble: {reason}")
        }
    }
}

fn try_one(
    history: History,
    trial: &impl Fn(&History) -> Result<Outcome, Trouble>,
    found: &mut Option<Found>,
    passed: &mut impl FnMut(Outcome),
) -> TestCaseResult {
    // Each smaller history that hangs would cost the whole deadline.
    if matches!(found, Some(Found { trouble: Trouble::Hung, .. })) {
        return Ok(());
    }
    let steps = found.as_ref().map_or(history.steps.len(), |found| found.steps);
    match (trial(&history), &found) {
        (Ok(outcome), None) => passed(outcome),
        (Err(trouble), None) => {
            *found = Some(Found { history, steps, trouble });
            return Err(TestCaseError::fail("in trouble"));
        }
        (Err(trouble), Some(first)) if first.trouble.is_like(&trouble) => {
            *found = Some(Found { history, steps, trouble });
            return Err(TestCaseError::fail("in the same trouble"));
        }
        (_, Some(_)) => {}
    }
    Ok(())
}

/// A history that proptest names by its seed where it notes what failed, not by all that is in it.
struct Drawn(History);

impl fmt::Debug for Drawn {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let History { seed, profile, steps, .. } = &self.0;
        write!(formatter, "seed {seed} of {profile}, down to {} steps", steps.len())
    }
}

#[cfg(test)]
mod tests {
    use proptest::test_runner::FileFailurePersistence;
    use sim::faults::Fault;
    use sim::history::Profile;
    use sim::judge;

    use super::*;

    /// In trouble: whatever has both a power loss and a message before it.
    fn trial(history: &History) -> Result<Outcome, Trouble> {
        let power_loss = history.steps.iter().position(|step| matches!(step.action.fault(), Some(Fault::PowerLoss(_))));
        let before = &history.steps[..power_loss.unwrap_or(0)];
        match before.iter().any(|step| step.action.body().is_some()) {
            true => Err(Trouble::Panicked("a message, then a power loss".into())),
            false => Ok(Outcome { run: judge::judge(&tiny()).run, judgements: vec![] }),
        }
    }

    fn tiny() -> History {
        History { users: vec![], rooms: vec![], steps: vec![], ..History::from_seed(1, &Profile::calm()) }
    }

    fn config(failure_persistence: Option<FileFailurePersistence>) -> Config {
        let failure_persistence = failure_persistence.map(|file| Box::new(file) as _);
        Config { cases: 64, failure_persistence, ..Config::default() }
    }

    #[test]
    fn trouble_is_made_small() {
        let standard = HistoryStrategy::new(Profile::standard());
        let found = search(standard, config(None), trial, |_| {}).unwrap_err();
        assert!(found.steps >= 150 && found.history.steps.len() == 2, "{found:?}");
        assert!(trial(&found.history).is_err());
    }

    #[test]
    fn no_trouble_is_a_pass_of_each_case() {
        let mut passed = 0;
        let one = HistoryStrategy::of_seed(7, Profile::calm());
        search(one, Config { cases: 3, failure_persistence: None, ..Config::default() }, trial, |_| passed += 1)
            .unwrap();
        assert_eq!(passed, 3);
    }

    #[test]
    fn a_hang_is_told_as_it_was_found() {
        let runs = RefCell::new(0);
        let hang = |_: &History| {
            *runs.borrow_mut() += 1;
            Err(Trouble::Hung)
        };
        let found = search(HistoryStrategy::of_seed(7, Profile::calm()), config(None), hang, |_| {}).unwrap_err();
        assert_eq!((runs.into_inner(), found.history), (1, History::from_seed(7, &Profile::calm())));
    }

    #[test]
    fn what_failed_once_is_run_first_the_next_time() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("standard.txt").display().to_string().leak();
        let persistence = FileFailurePersistence::Direct(file);
        let standard = || HistoryStrategy::new(Profile::standard());
        let first = search(standard(), config(Some(persistence)), trial, |_| {}).unwrap_err();
        let noted = std::fs::read_to_string(&file).unwrap();
        assert!(noted.contains(&format!("seed {} of standard, down to 2 steps", first.history.seed)), "{noted}");

        let mut passed = 0;
        let again = search(standard(), config(Some(persistence)), trial, |_| passed += 1).unwrap_err();
        assert_eq!((again.history, passed), (first.history, 0));
    }
}
