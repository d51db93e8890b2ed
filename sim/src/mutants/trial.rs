//! What the copy's program does with its mutant: histories one after another, until anything notices it.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};

use serde::{Deserialize, Serialize};

use crate::campaign::Panicked;
use crate::history::History;
use crate::{judge, workspace};

/// The histories that are run, in this order.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Trial {
    /// They.
    pub cases: Vec<Case>,
}

/// One history.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Case {
    /// A committed one.
    Saved {
        /// The name of its file.
        file: String,
    },
    /// A drawn one.
    Drawn {
        /// From which profile.
        profile: String,
        /// From which seed.
        seed: u64,
    },
}

/// What came of it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Tried {
    /// How many histories were run.
    pub histories: u64,
    /// What noticed the mutant: a property, or a panic of what is no server.
    pub noticed: Option<String>,
}

impl Trial {
    /// Reads one from standard input.
    ///
    /// # Errors
    /// It cannot be read, or is none.
    pub fn read() -> io::Result<Self> {
        Ok(serde_json::from_reader(io::stdin().lock())?)
    }

    /// Runs the histories until one is noticed.
    ///
    /// # Errors
    /// In a person's words: a saved history cannot be read, or there is no such profile.
    pub fn run(&self) -> Result<Tried, String> {
        let mut histories = 0;
        for case in &self.cases {
            histories += 1;
            let noticed = noticed(&case.history()?);
            if noticed.is_some() {
                return Ok(Tried { histories, noticed });
            }
        }
        Ok(Tried { histories, noticed: None })
    }
}

impl Case {
    fn history(&self) -> Result<History, String> {
        match self {
            Self::Drawn { profile, seed } => judge::draw(*seed, profile).map_err(|error| error.to_string()),
            Self::Saved { file } => judge::load(&workspace::saved_history(file)),
        }
    }
}

fn noticed(history: &History) -> Option<String> {
    match catch_unwind(AssertUnwindSafe(|| judge::judge(history))) {
        Err(payload) => Some(first_line(&Panicked::new(payload.as_ref()).to_string())),
        Ok(outcome) => outcome.violated().next().map(|judgement| judgement.id.to_owned()).or_else(|| {
            outcome.panicked().map(|(property, panic)| format!("{property} panicked: {}", first_line(panic)))
        }),
    }
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(profile: &str, seed: u64) -> Case {
        Case::Drawn { profile: profile.to_owned(), seed }
    }

    #[test]
    fn a_server_without_a_mutant_runs_every_history() {
        let file = workspace::saved_histories().unwrap()[0].file_name().unwrap().to_string_lossy().into_owned();
        let trial = Trial { cases: vec![Case::Saved { file }, drawn("calm", 0), drawn("calm", 7)] };
        assert_eq!(trial.run(), Ok(Tried { histories: 3, noticed: None }));
    }

    #[test]
    fn what_is_no_history_is_refused() {
        let refused = |case| Trial { cases: vec![case] }.run().unwrap_err();
        assert!(refused(drawn("mild", 0)).contains("no profile is named `mild`"));
        assert!(!refused(Case::Saved { file: "none.json".to_owned() }).is_empty());
    }
}
