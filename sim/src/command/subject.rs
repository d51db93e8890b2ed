//! What `replay` and `shrink` are about: a seed, or the file of a saved history.

use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::path::Path;

use super::refusal::Refusal;
use crate::campaign;
use crate::history::History;
use crate::judge::{self, Outcome};
use crate::report::Origin;
use crate::seeds::{Asked, environment};
use crate::workspace;

/// A history, and where it came from.
#[derive(Clone, Debug)]
pub struct Subject {
    /// The history.
    pub history: History,
    /// Where it came from.
    pub origin: Origin,
    /// What a person types to mean it again.
    pub typed: String,
}

impl Subject {
    /// Runs the history and judges it.
    ///
    /// # Errors
    /// Our own code panicked.
    pub fn judge(&self) -> Result<Outcome, Refusal> {
        self.run().and_then(|outcome| self.unless_panicked(outcome))
    }

    /// The same, where a property that panicked is for the caller to see.
    ///
    /// # Errors
    /// The world panicked.
    pub fn run(&self) -> Result<Outcome, Refusal> {
        let mut outcome = None;
        campaign::in_order(
            1,
            NonZeroUsize::MIN,
            |_| judge::judge(&self.history),
            |_, result| {
                outcome = Some(result);
                ControlFlow::Continue(())
            },
        );
        let outcome = outcome.expect("a campaign of one run hands over one result");
        outcome.map_err(|source| Refusal::Panicked { what: self.name(), source })
    }

    /// The outcome, unless a property panicked in it.
    ///
    /// # Errors
    /// One did.
    pub fn unless_panicked(&self, outcome: Outcome) -> Result<Outcome, Refusal> {
        Refusal::unless_panicked(outcome, || self.name())
    }

    fn name(&self) -> String {
        format!("the run of {}", self.typed)
    }
}

/// Reads what was typed.
///
/// # Errors
/// It is neither a seed nor a file, the file is no history that can be run, or there is no such profile.
pub fn read(typed: &str, profile: Option<&str>) -> Result<Subject, Refusal> {
    match typed.parse::<u64>() {
        Ok(seed) => {
            let asked = Asked { seed: Some(seed), seeds: None, profile: profile.map(str::to_owned) };
            let profile = asked.resolve(&environment)?.profile;
            let history = judge::draw(seed, &profile)?;
            Ok(Subject { history, origin: Origin::Seed, typed: format!("{seed} --profile {profile}") })
        }
        Err(_) => {
            let file = workspace::locate(Path::new(typed));
            if !file.is_file() {
                return Err(Refusal::Subject(typed.to_owned()));
            }
            let history = judge::load(&file).map_err(|reason| Refusal::History { file, reason })?;
            // A profile means nothing to a file, but a wrong one is a mistake all the same.
            profile.map_or(Ok(()), judge::check_profile)?;
            Ok(Subject { history, origin: Origin::File, typed: typed.to_owned() })
        }
    }
}
