//! What was measured before: each mutant's end is kept at once, so that a command that was killed goes on where it was.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use serde::{Deserialize, Serialize};

use super::MutantsError;

/// How a mutant ended.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// A history showed it.
    Simulation {
        /// The property that it broke, or how else it was noticed.
        by: String,
        /// In which history, counted from 1.
        histories: u64,
    },
    /// A test of the server failed, and failed again.
    Tests {
        /// Which.
        by: String,
    },
    /// Nothing noticed it.
    Survived {
        /// Whether any history or test came there at all.
        reached: bool,
    },
}

/// An outcome, with what it took.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Measured {
    /// How it ended.
    pub outcome: Outcome,
    /// How long that took, in milliseconds.
    pub took_ms: u64,
}

#[derive(Serialize, Deserialize)]
struct Line {
    mutant: String,
    #[serde(flatten)]
    measured: Measured,
}

/// The results of one build, by the names of the mutants.
#[derive(Debug)]
pub(super) struct Results {
    file: PathBuf,
    known: Mutex<BTreeMap<String, Measured>>,
}

impl Results {
    /// Those of the build with this hash, below `folder`.
    ///
    /// # Errors
    /// They cannot be read.
    pub(super) fn open(folder: &Path, hash: &str) -> Result<Self, MutantsError> {
        let folder = folder.join("results");
        fs::create_dir_all(&folder).map_err(MutantsError::place("make", &folder))?;
        let file = folder.join(format!("{hash}.jsonl"));
        let text = match fs::read_to_string(&file) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            read => read.map_err(MutantsError::place("read", &file))?,
        };
        // A line that a kill cut short is measured again.
        let lines = text.lines().filter_map(|line| serde_json::from_str::<Line>(line).ok());
        let known = lines.map(|line| (line.mutant, line.measured)).collect();
        Ok(Self { file, known: Mutex::new(known) })
    }

    /// What became of a mutant, if that is known.
    pub(super) fn recall(&self, mutant: &str) -> Option<Measured> {
        self.known.lock().unwrap_or_else(std::sync::PoisonError::into_inner).get(mutant).cloned()
    }

    /// Keeps what became of a mutant.
    ///
    /// # Errors
    /// It cannot be written.
    pub(super) fn keep(&self, mutant: String, measured: Measured) -> Result<(), MutantsError> {
        let line = Line { mutant, measured };
        // It begins a line of its own, whatever a kill has left before it.
        let text = format!("\n{}\n", serde_json::to_string(&line).expect("it has only string keys"));
        let mut known = self.known.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let opened = OpenOptions::new().create(true).append(true).open(&self.file);
        opened
            .and_then(|mut file| file.write_all(text.as_bytes()))
            .map_err(MutantsError::place("write", &self.file))?;
        known.insert(line.mutant, line.measured);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_known_again_even_behind_a_line_that_was_cut_short() {
        let folder = tempfile::tempdir().unwrap();
        let results = Results::open(folder.path(), "a").unwrap();
        let caught = Outcome::Simulation { by: "once/idempotency".into(), histories: 3 };
        let first = Measured { outcome: caught, took_ms: 5 };
        let second = Measured { outcome: Outcome::Survived { reached: true }, took_ms: 6 };
        results.keep("first".into(), first.clone()).unwrap();
        let mut file = OpenOptions::new().append(true).open(&results.file).unwrap();
        file.write_all(b"{\"mutant\":\"cut").unwrap();
        results.keep("second".into(), second.clone()).unwrap();
        let again = Results::open(folder.path(), "a").unwrap();
        assert_eq!((again.recall("first"), again.recall("second")), (Some(first), Some(second)));
        assert_eq!(again.recall("cut"), None);
        assert_eq!(Results::open(folder.path(), "b").unwrap().recall("first"), None);
    }
}
