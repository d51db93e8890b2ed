//! What a mutant meets, in this order: a few histories, many histories, the server's own tests. The first that notices
//! it ends it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::MutantsError;
use super::process::{Ended, Run, run};
use super::results::Outcome;
use super::trial::{Drawn, Trial, Tried};

/// The stages of the simulation. Most mutants end in the first, which therefore is short.
pub(super) fn trials() -> [Trial; 2] {
    let drawn = |profile: &str, from, to| Drawn { profile: profile.to_owned(), from, to };
    [
        Trial { saved: true, drawn: vec![drawn("swarm", 0, 48), drawn("standard", 0, 16)] },
        Trial { saved: false, drawn: vec![drawn("swarm", 48, 200), drawn("harsh", 0, 48)] },
    ]
}

/// What is run.
#[derive(Clone, Debug)]
pub(super) struct Programs {
    /// The `sim` program with all mutants.
    pub simulation: PathBuf,
    /// The server's tests, with all mutants.
    pub tests: Vec<PathBuf>,
    /// Where the server's tests are run.
    pub folder: PathBuf,
}

/// What is run, and how long each part of it took without any mutant.
#[derive(Debug)]
pub(super) struct Stages {
    /// What.
    pub programs: Programs,
    /// How long each trial took.
    pub trials: Vec<Duration>,
    /// How long each test program took.
    pub tests: Vec<Duration>,
}

/// How long a stage may take: a mutant makes some things slower, and the machine is not ours alone.
fn patience(without: Duration) -> Duration {
    without * 8 + Duration::from_secs(30)
}

impl Stages {
    /// Does everything to a mutant until something notices it.
    ///
    /// # Errors
    /// A program cannot be started.
    pub(super) fn meet(&self, mutant: u32) -> Result<Outcome, MutantsError> {
        let mut before = 0;
        for (trial, without) in trials().iter().zip(&self.trials) {
            let ended = try_out(&self.programs.simulation, trial, mutant, patience(*without))?;
            if let Some((by, histories)) = noticed(&ended) {
                return Ok(Outcome::Simulation { by, histories: before + histories });
            }
            before += tried(&ended).map_or(0, |tried| tried.histories);
        }
        for (test, without) in self.programs.tests.iter().zip(&self.tests) {
            if let Some(by) = self.test(test, *without, mutant)? {
                return Ok(Outcome::Tests { by });
            }
        }
        Ok(Outcome::Survived)
    }

    /// Whether tests fail with a mutant. A test that fails once may have failed for a busy machine: it must do so again.
    fn test(&self, test: &Path, without: Duration, mutant: u32) -> Result<Option<String>, MutantsError> {
        let ended = test_out(test, &self.programs.folder, mutant, &[], patience(without))?;
        if succeeded(&ended) {
            return Ok(None);
        }
        let failed = failed(&ended);
        let again = test_out(test, &self.programs.folder, mutant, &failed, patience(without))?;
        if succeeded(&again) {
            return Ok(None);
        }
        let which = failed.first().map_or("the whole program".to_owned(), Clone::clone);
        Ok(Some(format!("{}: {which}", name(test))))
    }
}

/// Runs histories.
pub(super) fn try_out(simulation: &Path, trial: &Trial, mutant: u32, time: Duration) -> Result<Ended, MutantsError> {
    let input = serde_json::to_string(trial).expect("a trial has only string keys");
    let folder = simulation.parent().unwrap_or(Path::new("."));
    run(Run { program: simulation, arguments: &["trial"], folder, input: &input, mutant }, time)
}

/// How a trial's end shows the mutant, and in which history.
pub(super) fn noticed(ended: &Ended) -> Option<(String, u64)> {
    let Some(status) = ended.status else { return Some(("it hangs".to_owned(), 1)) };
    match tried(ended) {
        Some(Tried { noticed: None, .. }) => None,
        Some(Tried { noticed: Some(by), histories }) => Some((by, histories)),
        None => {
            let said = ended.errors.lines().rfind(|line| !line.trim().is_empty()).unwrap_or("without a word");
            Some((format!("the process fails ({status}): {said}"), 1))
        }
    }
}

fn tried(ended: &Ended) -> Option<Tried> {
    ended.status.filter(|status| status.success()).and_then(|_| serde_json::from_str(&ended.output).ok())
}

/// Runs tests; with names, only those.
pub(super) fn test_out(
    test: &Path,
    folder: &Path,
    mutant: u32,
    only: &[String],
    time: Duration,
) -> Result<Ended, MutantsError> {
    let mut arguments: Vec<&str> = only.iter().map(String::as_str).collect();
    if !only.is_empty() {
        arguments.push("--exact");
    }
    run(Run { program: test, arguments: &arguments, folder, input: "", mutant }, time)
}

pub(super) fn succeeded(ended: &Ended) -> bool {
    ended.status.is_some_and(|status| status.success())
}

/// The names of the tests that failed.
pub(super) fn failed(ended: &Ended) -> Vec<String> {
    let failed = |line: &str| Some(line.strip_prefix("test ")?.strip_suffix(" ... FAILED")?.to_owned());
    ended.output.lines().filter_map(failed).collect()
}

/// The name of a test program, without what cargo adds to it.
pub(super) fn name(test: &Path) -> String {
    let name = test.file_name().unwrap_or_default().to_string_lossy();
    name.rsplit_once('-').map_or(name.to_string(), |(name, _)| name.to_owned())
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt;
    use std::process::ExitStatus;

    use super::*;

    fn ended(status: Option<i32>, output: &str, errors: &str) -> Ended {
        let status = status.map(ExitStatus::from_raw);
        Ended { status, output: output.to_owned(), errors: errors.to_owned(), took: Duration::ZERO }
    }

    #[test]
    fn a_mutant_is_noticed_by_a_property_a_crash_or_a_hang() {
        let held = ended(Some(0), r#"{"histories":9,"noticed":null}"#, "");
        assert_eq!(noticed(&held), None);
        let broken = ended(Some(0), r#"{"histories":3,"noticed":"ordering/gapless"}"#, "");
        assert_eq!(noticed(&broken), Some(("ordering/gapless".to_owned(), 3)));
        let crashed = ended(Some(6), "", "memory allocation failed\n\n");
        let (by, _) = noticed(&crashed).unwrap();
        assert!(by.starts_with("the process fails (signal: 6") && by.ends_with("memory allocation failed"), "{by}");
        assert_eq!(noticed(&ended(None, "", "")), Some(("it hangs".to_owned(), 1)));
    }

    #[test]
    fn failed_tests_are_known_by_name() {
        let output = "test a::b ... ok\ntest a::c ... FAILED\ntest d - should panic ... ok\ntest e ... FAILED\n";
        assert_eq!(failed(&ended(Some(256), output, "")), ["a::c", "e"]);
        assert_eq!(name(Path::new("/x/sockets-0123abc")), "sockets");
    }

    #[test]
    fn the_stages_run_no_history_twice() {
        let [few, many] = trials();
        assert!(few.saved && !many.saved);
        for drawn in &many.drawn {
            let before = few.drawn.iter().filter(|earlier| earlier.profile == drawn.profile);
            assert!(before.into_iter().all(|earlier| earlier.to == drawn.from), "{drawn:?}");
        }
    }
}
