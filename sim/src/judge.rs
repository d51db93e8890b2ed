//! The seam between the command and what it commands: draw a history, run it, judge it, shrink it, save it.
//!
//! The rest of [`crate::command`] and [`crate::report`] knows the world, the generator and the properties only through
//! this module.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use properties::trace::Trace;
pub use properties::{Judgement, Property};
use properties::{Verdict, all, check, check_all, find};
use schemars::JsonSchema;
use serde::Serialize;

use crate::explain::{self, Window};
use crate::faults::{KINDS, MOMENTS};
pub use crate::history::profile::UnknownProfile;
use crate::history::{History, Profile, Saved};
use crate::operations;
use crate::recovery::Recovery;
use crate::report::Conclusion;
use crate::report::recovery::RunName;
use crate::report::summary::Counter;
use crate::seeds::SeedRange;
use crate::shrink::{self, Budget, Shrunk};
use crate::world::{self, FaultCount, Fingerprint, MomentCount, OperationCount, Options};

/// How long the search for a smaller history may take.
pub const SHRINK_TIME: Duration = Duration::from_secs(60);

/// How long, and how many runs, the search for the times that matter may take.
pub const EXPLAIN_TIME: Duration = Duration::from_secs(15);
/// See [`EXPLAIN_TIME`].
pub const EXPLAIN_RUNS: u32 = 400;

/// How many runs the search for a smaller history may take.
pub const SHRINK_RUNS: u32 = 5_000;

/// One run and what the properties say about it.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The run.
    pub run: world::Run,
    /// One for each property, in the order of the catalogue.
    pub judgements: Vec<Judgement>,
}

/// What a summary needs of an [`Outcome`]: small, where a trace is large.
#[derive(Clone, Debug)]
pub struct Digest {
    /// Which run it was: the history's seed, until whoever knows the file that it came from says so.
    pub name: RunName,
    /// The head of the run's hash chain.
    pub fingerprint: Fingerprint,
    /// How many simulated milliseconds the run took.
    pub simulated_ms: u64,
    /// What each kind of fault did.
    pub faults: BTreeMap<&'static str, FaultCount>,
    /// What users did of each kind.
    pub operations: BTreeMap<&'static str, OperationCount>,
    /// How often faults waited for moments of each kind, and they came.
    pub moments: BTreeMap<&'static str, MomentCount>,
    /// How devices found back.
    pub recoveries: Vec<Recovery>,
    /// One for each property.
    pub judgements: Vec<Judgement>,
}

/// Something that exists under a name.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct Named {
    /// The name.
    pub name: &'static str,
    /// What it is, as one sentence.
    pub summary: &'static str,
}

/// Something that must always hold.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct NamedProperty {
    /// Its permanent name.
    pub id: &'static str,
    /// The requirements that it proves.
    pub requirements: &'static [&'static str],
    /// What must hold.
    pub statement: &'static str,
    /// What it does not check.
    pub does_not_verify: &'static str,
}

impl Outcome {
    /// The properties that were broken, in the order of the catalogue.
    pub fn violated(&self) -> impl Iterator<Item = &Judgement> {
        self.judgements.iter().filter(|judgement| matches!(judgement.verdict, Verdict::Violated(_)))
    }

    /// The first property that panicked rather than to judge, and what its panic said.
    pub fn panicked(&self) -> Option<(&'static str, &str)> {
        self.judgements.iter().find_map(|judgement| match &judgement.verdict {
            Verdict::Broken { panic } => Some((judgement.id, panic.as_str())),
            _ => None,
        })
    }

    /// How this one run ended.
    pub fn conclusion(&self) -> Conclusion {
        Conclusion::of(&self.judgements)
    }

    /// What a summary needs of it.
    pub fn digest(self) -> Digest {
        Digest {
            name: RunName::Seed(self.run.seed),
            fingerprint: self.run.fingerprint,
            simulated_ms: self.run.simulated_ms,
            recoveries: self.run.recoveries,
            faults: self.run.faults,
            operations: self.run.operations,
            moments: self.run.moments,
            judgements: self.judgements,
        }
    }
}

/// A fingerprint as text.
pub fn hex(fingerprint: Fingerprint) -> String {
    format!("{:032x}", fingerprint.0)
}

/// Runs a history and judges what was observed.
pub fn judge(history: &History) -> Outcome {
    judge_with(history, Options::default())
}

/// Runs a history in a world built like this, and judges what was observed.
pub fn judge_with(history: &History, options: Options) -> Outcome {
    let run = world::run(history, options);
    let judgements = check_all(&run.trace);
    Outcome { run, judgements }
}

/// The properties to judge by: all, or the one of a name; none if nothing has it.
pub fn catalogue(id: Option<&str>) -> Option<Vec<&'static dyn Property>> {
    id.map_or_else(|| Some(all().to_vec()), |id| find(id).map(|property| vec![property]))
}

/// Judges by some properties what was observed in a run of long ago.
pub fn judge_trace(trace: &Trace, by: &[&'static dyn Property]) -> Vec<Judgement> {
    check(trace, by)
}

/// Draws the history of a seed.
///
/// # Errors
/// There is no such profile.
pub fn draw(seed: u64, profile: &str) -> Result<History, UnknownProfile> {
    Ok(History::from_seed(seed, &Profile::named(profile)?))
}

/// Begins to count runs, with all that could happen in one.
pub fn counter(profile: &str, seeds: SeedRange) -> Counter {
    let operations = operations().iter().map(|kind| kind.name).collect();
    Counter::new(profile, seeds, operations, faults().iter().map(|fault| fault.name).collect())
}

/// Whether there is such a profile.
///
/// # Errors
/// There is not.
pub fn check_profile(name: &str) -> Result<(), UnknownProfile> {
    Profile::named(name).map(|_| ())
}

/// Searches for a smaller history that breaks the same property, for at most [`SHRINK_TIME`] and [`SHRINK_RUNS`].
pub fn shrink(history: &History, property: &str) -> Shrunk {
    shrink::shrink(history.clone(), still_breaks(property), budget(SHRINK_RUNS, SHRINK_TIME))
}

/// When each fault of a history must begin so that it breaks the same property, as far as [`EXPLAIN_TIME`] and
/// [`EXPLAIN_RUNS`] reach.
pub fn explain(history: &History, property: &str) -> Vec<Window> {
    explain::explain(history, still_breaks(property), budget(EXPLAIN_RUNS, EXPLAIN_TIME))
}

fn still_breaks(property: &str) -> impl Fn(&History) -> bool + '_ {
    move |candidate| judge(candidate).violated().any(|judgement| judgement.id == property)
}

fn budget(runs: u32, time: Duration) -> Budget<impl FnMut() -> bool> {
    #[expect(clippy::disallowed_methods, reason = "bounds how long a person waits; no run can see it")]
    let began = Instant::now();
    Budget { runs, expired: move || began.elapsed() >= time }
}

/// Reads a saved history.
///
/// # Errors
/// In a person's words: the file cannot be read, is no history, or is one of another version.
pub fn load(file: &Path) -> Result<History, String> {
    Saved::load(file).map(|saved| saved.history).map_err(|error| error.problem.to_string())
}

/// All properties.
pub fn properties() -> Vec<NamedProperty> {
    all()
        .iter()
        .map(|property| NamedProperty {
            id: property.id(),
            requirements: property.requirements(),
            statement: property.statement(),
            does_not_verify: property.does_not_verify(),
        })
        .collect()
}

/// All kinds of faults.
pub fn faults() -> Vec<Named> {
    KINDS.iter().map(|kind| Named { name: kind.name, summary: kind.summary }).collect()
}

/// All kinds of moments that a fault can wait for.
pub fn moments() -> Vec<Named> {
    MOMENTS.iter().map(|kind| Named { name: kind.name, summary: kind.summary }).collect()
}

/// All kinds of operations.
pub fn operations() -> Vec<Named> {
    operations::KINDS.iter().map(|kind| Named { name: kind.name, summary: kind.summary }).collect()
}

/// All profiles.
pub fn profiles() -> Vec<Named> {
    Profile::all().iter().map(|profile| Named { name: profile.name, summary: profile.summary }).collect()
}
