//! What the program with a planted bug is asked for, and how it is asked: one JSON document on its standard input, one on
//! its standard output.

use std::num::NonZeroUsize;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;
use std::{io, thread};

use serde::{Deserialize, Serialize};

use super::hunt::hunt;
use super::search::{Search, Searched};
use super::{Bug, PlantedError};
use crate::history::History;
use crate::judge;

/// What the program is to do.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Errand {
    /// Search.
    Hunt {
        /// For what.
        searches: Vec<Search>,
        /// How long at most, in milliseconds.
        time_ms: u64,
        /// How many simulations run side by side.
        jobs: NonZeroUsize,
    },
    /// Make a history smaller that breaks a property.
    Shrink {
        /// The history.
        history: Box<History>,
        /// The property.
        property: String,
    },
}

/// What came of it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Brought {
    /// What each search came to, in their order.
    Hunted(Vec<Searched>),
    /// The smallest history found.
    Shrunk {
        /// It.
        history: Box<History>,
        /// How many histories were run.
        runs: u32,
        /// Nothing was left to try, and no bound of [`judge::shrink`] was met.
        finished: bool,
    },
}

impl Errand {
    /// Does it.
    ///
    /// # Errors
    /// There is no such profile, or our own code or a property panicked.
    pub fn run(&self) -> Result<Brought, PlantedError> {
        match self {
            Self::Hunt { searches, time_ms, jobs } => {
                hunt(searches, Duration::from_millis(*time_ms), *jobs).map(Brought::Hunted)
            }
            Self::Shrink { history, property } => {
                let shrunk = judge::shrink(history, property);
                let history = Box::new(shrunk.history);
                Ok(Brought::Shrunk { history, runs: shrunk.runs, finished: shrunk.finished })
            }
        }
    }

    /// Reads it from standard input.
    ///
    /// # Errors
    /// It cannot be read, or is none.
    pub fn read() -> io::Result<Self> {
        Ok(serde_json::from_reader(io::stdin().lock())?)
    }

    /// Has it done by the program with a bug.
    ///
    /// # Errors
    /// The program fails, or says what cannot be read.
    pub(super) fn send(&self, bug: &Bug, program: &Path) -> Result<Brought, PlantedError> {
        let failed = |reason: String| PlantedError::Search { bug: bug.name.clone(), reason };
        let not_started = |error: io::Error| failed(format!("could not be started: {error}"));
        let mut child = Command::new(program)
            .arg("hunt")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(not_started)?;
        let input = child.stdin.take().expect("it is piped");
        let output = thread::scope(|scope| {
            // A program that ends before it has read all says why.
            scope.spawn(move || serde_json::to_writer(input, self).ok());
            child.wait_with_output()
        });
        let output = output.map_err(not_started)?;
        if !output.status.success() {
            // A bug may well make the server panic, which is told there too: what the program says of itself comes last.
            let said = String::from_utf8_lossy(&output.stderr);
            let last = said.lines().rfind(|line| line.starts_with("error:")).unwrap_or("without a word").to_owned();
            return Err(failed(format!("failed ({}): {last}", output.status)));
        }
        serde_json::from_slice(&output.stdout).map_err(|error| failed(format!("wrote what cannot be read: {error}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::Profile;

    #[test]
    fn what_is_asked_and_what_is_brought_survive_their_way() {
        let history = Box::new(History::from_seed(7, &Profile::swarm()));
        let search = Search { profile: "swarm".into(), guided: true, first_seed: 7, most: 9, after: 2 };
        let errands = [
            Errand::Hunt { searches: vec![search], time_ms: 5, jobs: NonZeroUsize::MIN },
            Errand::Shrink { history: history.clone(), property: "once/idempotency".into() },
        ];
        for errand in errands {
            assert_eq!(serde_json::from_slice::<Errand>(&serde_json::to_vec(&errand).unwrap()).unwrap(), errand);
        }
        let brought = Brought::Shrunk { history, runs: 3, finished: true };
        assert_eq!(serde_json::from_slice::<Brought>(&serde_json::to_vec(&brought).unwrap()).unwrap(), brought);
    }
}
