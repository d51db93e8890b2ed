//! What a mutant meets, in this order: the histories that reach it, then the server's own tests that do. The first that
//! notices it ends it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::MutantsError;
use super::baseline::{Baseline, Part};
use super::process::{Ended, Run, run};
use super::results::Outcome;
use super::trial::{Case, Trial, Tried};
use crate::workspace;

/// How many seeds of each profile are drawn besides the saved histories; of each round one, until they are used up.
const DRAWN: [(&str, u64); 3] = [("swarm", 200), ("standard", 48), ("harsh", 48)];

/// The histories that mutants meet, in this order.
///
/// # Errors
/// The saved ones cannot be listed.
pub(super) fn cases() -> Result<Vec<Case>, MutantsError> {
    let saved = workspace::saved_histories().map_err(MutantsError::place("list", "sim/histories"))?;
    let name = |file: &PathBuf| file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut cases: Vec<_> = saved.iter().map(|file| Case::Saved { file: name(file) }).collect();
    let longest = DRAWN.iter().map(|(_, seeds)| *seeds).max().unwrap_or_default();
    for seed in 0..longest {
        let profiles = DRAWN.iter().filter(|(_, seeds)| seed < *seeds);
        cases.extend(profiles.map(|(profile, _)| Case::Drawn { profile: (*profile).to_owned(), seed }));
    }
    Ok(cases)
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

/// What is run, and what is known of it without any mutant.
#[derive(Debug)]
pub(super) struct Stages {
    /// What.
    pub programs: Programs,
    /// The histories.
    pub cases: Vec<Case>,
    /// How long each part took, and which mutants it reached.
    pub baseline: Baseline,
}

/// How long a stage may take: a mutant makes some things slower, and the machine is not ours alone.
fn patience(without_ms: u64) -> Duration {
    Duration::from_millis(without_ms) * 8 + Duration::from_secs(30)
}

impl Stages {
    /// Does everything that reaches a mutant until something notices it. What does not reach it is what it is without.
    ///
    /// # Errors
    /// A program cannot be started.
    pub(super) fn meet(&self, mutant: u32) -> Result<Outcome, MutantsError> {
        let reaches = |part: &&Part| part.reached.contains(&mutant);
        let parts: Vec<_> = self.cases.iter().zip(&self.baseline.cases).filter(|(_, part)| reaches(part)).collect();
        if !parts.is_empty() {
            let trial = Trial { cases: parts.iter().map(|(case, _)| (*case).clone()).collect() };
            let without_ms = parts.iter().map(|(_, part)| part.took_ms).sum();
            let told = trial.told();
            let run = Run { mutant, ..self.programs.trial(&told) };
            if let Some((by, histories)) = noticed(&self::run(run, patience(without_ms))?) {
                return Ok(Outcome::Simulation { by, histories });
            }
        }
        let mut reached = !parts.is_empty();
        for (test, part) in self.programs.tests.iter().zip(&self.baseline.tests).filter(|(_, part)| reaches(part)) {
            reached = true;
            if let Some(by) = self.test(test, patience(part.took_ms), mutant)? {
                return Ok(Outcome::Tests { by });
            }
        }
        Ok(Outcome::Survived { reached })
    }

    /// Whether tests fail with a mutant. A test that fails once may have failed for a busy machine: it must do so again.
    fn test(&self, test: &Path, time: Duration, mutant: u32) -> Result<Option<String>, MutantsError> {
        let ended = run(Run { mutant, ..self.programs.test(test) }, time)?;
        if succeeded(&ended) {
            return Ok(None);
        }
        let failed = failed(&ended);
        let mut arguments: Vec<&str> = failed.iter().map(String::as_str).collect();
        if !failed.is_empty() {
            arguments.push("--exact");
        }
        let again = run(Run { mutant, arguments: &arguments, ..self.programs.test(test) }, time)?;
        if succeeded(&again) {
            return Ok(None);
        }
        let which = failed.first().map_or("the whole program".to_owned(), Clone::clone);
        Ok(Some(format!("{}: {which}", name(test))))
    }
}

impl Programs {
    /// The simulation, with histories that [`Trial::told`] has told.
    pub(super) fn trial<'a>(&'a self, input: &'a str) -> Run<'a> {
        Run { program: &self.simulation, arguments: &["trial"], folder: &self.folder, input, mutant: 0, asked: None }
    }

    /// A program of tests, all of them.
    pub(super) fn test<'a>(&'a self, program: &'a Path) -> Run<'a> {
        Run { program, arguments: &[], folder: &self.folder, input: "", mutant: 0, asked: None }
    }
}

impl Trial {
    /// What the program with all mutants reads.
    pub(super) fn told(&self) -> String {
        serde_json::to_string(self).expect("a trial has only string keys")
    }
}

/// How a trial's end shows the mutant, and in which history.
pub(super) fn noticed(ended: &Ended) -> Option<(String, u64)> {
    let Some(status) = ended.status else { return Some(("it hangs".to_owned(), 1)) };
    let tried = status.success().then(|| serde_json::from_str(&ended.output).ok()).flatten();
    match tried {
        Some(Tried { noticed: None, .. }) => None,
        Some(Tried { noticed: Some(by), histories }) => Some((by, histories)),
        None => {
            let said = ended.errors.lines().rfind(|line| !line.trim().is_empty()).unwrap_or("without a word");
            Some((format!("the process fails ({status}): {said}"), 1))
        }
    }
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
    use std::collections::BTreeSet;
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
    fn no_history_is_met_twice_and_the_saved_ones_come_first() {
        let cases = cases().unwrap();
        assert_eq!(cases.iter().collect::<BTreeSet<_>>().len(), cases.len());
        let first_drawn = cases.iter().position(|case| matches!(case, Case::Drawn { .. })).unwrap();
        assert!(first_drawn > 0 && cases[first_drawn..].iter().all(|case| matches!(case, Case::Drawn { .. })));
    }

    /// Stages of shell scripts: the simulation says that everything holds or breaks, a test fails for one mutant.
    fn stages(folder: &Path, said: &str) -> Stages {
        let script = |name: &str, text: &str| {
            use std::os::unix::fs::PermissionsExt;
            let file = folder.join(name);
            std::fs::write(&file, format!("#!/bin/sh\n{text}\n")).unwrap();
            std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).unwrap();
            file
        };
        let simulation = script("sim", &format!("cat >/dev/null; echo '{said}'"));
        let test = script("sockets-1", "echo \"test a ... FAILED\"; test \"$ACTIVE_MUTANT\" != 3");
        let part = |reached: &[u32]| Part { took_ms: 1, reached: reached.iter().copied().collect() };
        Stages {
            programs: Programs { simulation, tests: vec![test], folder: folder.to_owned() },
            cases: vec![Case::Drawn { profile: "calm".into(), seed: 0 }],
            baseline: Baseline { cases: vec![part(&[1])], tests: vec![part(&[2, 3])] },
        }
    }

    #[test]
    fn a_mutant_meets_what_reaches_it_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let breaks = stages(folder.path(), r#"{"histories":1,"noticed":"a/b"}"#);
        assert_eq!(breaks.meet(1).unwrap(), Outcome::Simulation { by: "a/b".into(), histories: 1 });
        assert_eq!(breaks.meet(2).unwrap(), Outcome::Survived { reached: true });
        assert_eq!(breaks.meet(3).unwrap(), Outcome::Tests { by: "sockets: a".into() });
        assert_eq!(breaks.meet(4).unwrap(), Outcome::Survived { reached: false });
        let holds = stages(folder.path(), r#"{"histories":1,"noticed":null}"#);
        assert_eq!(holds.meet(1).unwrap(), Outcome::Survived { reached: true });
    }
}
