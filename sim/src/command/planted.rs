//! `cargo sim planted`: each planted bug is planted in a copy, searched for and made small: the scoreboard.

use std::fs;
use std::path::Path;

use super::Exit;
use super::arguments;
use super::output::Output;
use super::progress;
use super::refusal::Refusal;
use super::run::jobs;
use crate::failure::{Files, save_history};
use crate::history::History;
use crate::planted::{self, Bug, Errand, Plan, Stage, Way};
use crate::report::text::style::{GOOD, LABEL, paint};
use crate::report::{AppliedReport, text};
use crate::seeds::DEFAULT_PROFILE;
use crate::words::amount;
use crate::{judge, workspace};

/// The profile of campaigns, searched both ways.
const CAMPAIGN_PROFILE: &str = "swarm";

/// Runs `cargo sim planted`.
///
/// # Errors
/// Something that was asked for does not exist; a bug does not apply, or cannot be built or searched for; the
/// scoreboard cannot be written.
pub fn planted(arguments: &arguments::Planted, output: &Output) -> Result<Exit, Refusal> {
    arguments.profile.as_deref().map_or(Ok(()), judge::check_profile)?;
    let bugs = planted::catalogue(&arguments.only)?;
    if arguments.check {
        return check(&bugs, output);
    }
    let plan = Plan {
        bugs,
        ways: ways(arguments.profile.as_deref()),
        ranges: arguments.ranges,
        first_seed: arguments.first_seed,
        most: arguments.most,
        time: arguments.time,
        jobs: jobs(arguments.jobs),
        only_known: arguments.known,
    };
    let spinner = progress::spinner(String::new());
    let begins = |bug: &Bug, stage: Stage| {
        let doing = match stage {
            Stage::Building => "building",
            Stage::Searching => "searching",
            Stage::Shrinking => "shrinking",
        };
        spinner.set_message(format!("{}: {doing}", bug.name));
    };
    let keep = |bug: &Bug, property: &str, smallest: &History| -> Result<(), Refusal> {
        let output = workspace::planted_output().join("finds");
        let history = format!("{}.json", bug.name);
        Ok(save_history(smallest, Some(property), Files { output: &output, history: &history })?)
    };
    let report = planted::scoreboard(&plan, &workspace::planted_output(), begins, keep)?;
    spinner.finish_and_clear();
    if arguments.write {
        let file = workspace::planted_bugs().join("SCOREBOARD.md");
        fs::write(&file, text::scoreboard(&report)).map_err(|error| Refusal::write(&file, &error))?;
    }
    output.report(&report, text::planted)?;
    Ok(match () {
        () if report.missed().next().is_some() => Exit::Violated,
        () if !report.unmeasured.is_empty() => Exit::Vacuous,
        () => Exit::Held,
    })
}

/// The ways to search: of one profile, plain and guided; else the default one's, and a campaign's both ways.
fn ways(profile: Option<&str>) -> Vec<Way> {
    let way = |profile: &str, guided: bool| Way { profile: profile.to_owned(), guided };
    let campaign = profile.unwrap_or(CAMPAIGN_PROFILE);
    let mut ways = vec![way(campaign, false), way(campaign, true)];
    if profile.is_none() {
        ways.insert(0, way(DEFAULT_PROFILE, false));
    }
    ways
}

/// Runs `hunt`: what the program with a planted bug does.
///
/// # Errors
/// Standard input holds no errand, there is no such profile, or our own code panicked.
pub fn hunt(output: &Output) -> Result<Exit, Refusal> {
    let errand = Errand::read()
        .map_err(|error| Refusal::Saved { file: Path::new("standard input").to_owned(), reason: error.to_string() })?;
    output.json_line(&errand.run()?)?;
    Ok(Exit::Held)
}

fn check(bugs: &[Bug], output: &Output) -> Result<Exit, Refusal> {
    bugs.iter().try_for_each(planted::check)?;
    let report = AppliedReport { applied: bugs.iter().map(|bug| bug.name.clone()).collect() };
    output.report(&report, |report| {
        let count = amount(report.applied.len() as u64, "planted bug applies", "planted bugs apply");
        format!("{}  {count}\n{}     cargo sim planted\n", paint(GOOD, "applied"), paint(LABEL, "next"))
    })?;
    Ok(Exit::Held)
}
