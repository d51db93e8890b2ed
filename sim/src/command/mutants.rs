//! `cargo sim mutants`: how many of the mistakes that a machine makes in the server's core does anybody notice?

use std::fs;
use std::num::NonZeroUsize;
use std::path::Path;
use std::time::Duration;

use clap::Args;

use super::Exit;
use super::duration::parse_duration;
use super::output::Output;
use super::progress;
use super::refusal::Refusal;
use super::run::jobs;
use crate::mutants::{self, Plan, Stage, Trial};
use crate::report::mutants::ReviewedReport;
use crate::report::text;
use crate::report::text::style::{GOOD, LABEL, paint};
use crate::seeds::parse_seed;
use crate::words::amount;
use crate::workspace;

const MUTANTS: &str = "\
cargo-mutants lists the mutants (cargo install cargo-mutants --locked). All of them are built at
once, in a copy of the workspace below target/sim/mutants/, and each is run in a process of its own
until a property or a test notices it. What was measured is kept until the sources change: a command
that was killed goes on when it is typed again. What nobody can notice is in
sim/mutants/equivalent.toml; docs/mutants.md says what the score is, and what to do with a survivor.
Exit codes: 1 fewer than 85 % were noticed, or one that is listed as equivalent was; 2 some were
not run.
For example: cargo sim mutants --sample 150 --seed 1";

/// `cargo sim mutants`
#[derive(Args, Debug)]
#[command(after_help = MUTANTS)]
pub struct Arguments {
    /// Only mutants of these areas of the core: store, hub, sessions, rights [default: all]
    #[arg(long, value_name = "AREA,...", value_delimiter = ',')]
    pub areas: Vec<String>,

    /// Only mutants whose name contains this, such as store/view.rs or 'replace == with !='
    #[arg(long, value_name = "TEXT")]
    pub only: Option<String>,

    /// Run only so many of those that compile, drawn at random [default: all]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub sample: Option<u64>,

    /// What decides which are drawn [default: 1]
    #[arg(long, value_name = "N", value_parser = parse_seed, requires = "sample")]
    pub seed: Option<u64>,

    /// Run mutants for at most this long, besides building; what is left is told
    #[arg(long = "for", value_name = "TIME", value_parser = parse_duration)]
    pub time: Option<Duration>,

    /// Run this many mutants side by side [default: the number of cores]
    #[arg(long, value_name = "N")]
    pub jobs: Option<NonZeroUsize>,

    /// Write the score to sim/mutants/SCORE.md too
    #[arg(long, conflicts_with_all = ["areas", "only"])]
    pub write: bool,

    /// Only look whether each mutant that is listed as equivalent is still there: builds and runs nothing
    #[arg(long, conflicts_with_all = ["areas", "only", "sample", "seed", "time", "jobs", "write"])]
    pub check: bool,
}

/// Runs `cargo sim mutants`.
///
/// # Errors
/// There is no such area, or no such mutant; they cannot be listed, built or run; the score cannot be written.
pub fn mutants(arguments: &Arguments, output: &Output) -> Result<Exit, Refusal> {
    if arguments.check {
        return check(output);
    }
    let plan = Plan {
        areas: mutants::areas(&arguments.areas)?,
        only: arguments.only.clone(),
        sample: arguments.sample,
        seed: arguments.seed.unwrap_or(1),
        time: arguments.time,
        jobs: jobs(arguments.jobs),
    };
    let spinner = progress::spinner(String::new());
    let report = mutants::measure(&plan, &workspace::mutants_output(), |stage| {
        spinner.set_message(match stage {
            Stage::Listing => "listing the mutants".to_owned(),
            Stage::Building { listed, unfit } => format!("building {} of {listed} mutants", listed - unfit),
            Stage::Preparing => "running everything without any mutant".to_owned(),
            Stage::Meeting { chosen, done } => format!("running mutants: {done} of {chosen}"),
        });
    })?;
    spinner.finish_and_clear();
    if arguments.write {
        let file = workspace::mutation_score();
        fs::write(&file, text::mutation_score(&report)).map_err(|error| Refusal::write(&file, &error))?;
    }
    output.report(&report, text::mutants)?;
    Ok(match () {
        () if !report.is_good() => Exit::Violated,
        () if report.unmeasured > 0 || report.total().score_permille().is_none() => Exit::Vacuous,
        () => Exit::Held,
    })
}

/// Runs `trial`: what the program with all mutants does with the one that its process has.
///
/// # Errors
/// Standard input holds no trial, a saved history cannot be read, or there is no such profile.
pub fn trial(output: &Output) -> Result<Exit, Refusal> {
    let refused = |reason: String| Refusal::Saved { file: Path::new("standard input").to_owned(), reason };
    let trial = Trial::read().map_err(|error| refused(error.to_string()))?;
    output.json_line(&trial.run().map_err(refused)?)?;
    Ok(Exit::Held)
}

fn check(output: &Output) -> Result<Exit, Refusal> {
    let report = ReviewedReport { equivalent: mutants::check()? };
    output.report(&report, |report| {
        let count = amount(report.equivalent as u64, "mutant is", "mutants are");
        format!(
            "{}  {count} listed as equivalent\n{}   cargo sim mutants --sample 150\n",
            paint(GOOD, "there"),
            paint(LABEL, "next")
        )
    })?;
    Ok(Exit::Held)
}
