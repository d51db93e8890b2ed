//! What the copy's program does with its mutant: histories one after another, until anything notices it.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};

use serde::{Deserialize, Serialize};

use crate::campaign::Panicked;
use crate::history::History;
use crate::{judge, workspace};

/// Which histories are run.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Trial {
    /// Whether the committed ones are run first.
    pub saved: bool,
    /// The seeds that are drawn then.
    pub drawn: Vec<Drawn>,
}

/// Seeds of a profile.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Drawn {
    /// The profile.
    pub profile: String,
    /// The first seed.
    pub from: u64,
    /// The first seed that is not run.
    pub to: u64,
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
        let mut saved = Vec::new();
        if self.saved {
            saved =
                workspace::saved_histories().map_err(|error| format!("cannot list the saved histories: {error}"))?;
        }
        let saved = saved.iter().map(|file| judge::load(file));
        let drawn = self.drawn.iter().flat_map(|Drawn { profile, from, to }| {
            (*from..*to).map(move |seed| judge::draw(seed, profile).map_err(|error| error.to_string()))
        });
        for history in saved.chain(drawn) {
            histories += 1;
            let noticed = noticed(&history?);
            if noticed.is_some() {
                return Ok(Tried { histories, noticed });
            }
        }
        Ok(Tried { histories, noticed: None })
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

    #[test]
    fn a_server_without_a_mutant_runs_every_history() {
        let drawn = |from, to| Drawn { profile: "calm".to_owned(), from, to };
        let trial = Trial { saved: false, drawn: vec![drawn(0, 2), drawn(7, 8)] };
        assert_eq!(trial.run(), Ok(Tried { histories: 3, noticed: None }));
    }

    #[test]
    fn a_profile_that_is_none_is_refused() {
        let trial = Trial { saved: false, drawn: vec![Drawn { profile: "mild".to_owned(), from: 0, to: 1 }] };
        assert!(trial.run().unwrap_err().contains("no profile is named `mild`"));
    }
}
