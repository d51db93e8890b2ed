//! `cargo sim planted`: each planted bug is planted in a copy, searched for and made small: the scoreboard.

use std::fs;

use serde::Serialize;

use super::Exit;
use super::arguments;
use super::output::Output;
use super::progress;
use super::refusal::Refusal;
use super::run::jobs;
use crate::failure::{Files, save_history};
use crate::planted::{self, Bug, Find, Plan};
use crate::report::text;
use crate::report::text::style::{GOOD, LABEL, paint};
use crate::seeds::DEFAULT_PROFILE;
use crate::words::amount;
use crate::{judge, workspace};

/// By which profiles bugs are searched for when nobody says otherwise.
const PROFILES: [&str; 2] = [DEFAULT_PROFILE, "swarm"];

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
    let profiles = match &arguments.profile {
        Some(profile) => vec![profile.clone()],
        None => PROFILES.map(str::to_owned).to_vec(),
    };
    let plan = Plan { bugs, seeds: arguments.seeds, profiles, jobs: jobs(arguments.jobs) };
    let spinner = progress::spinner(String::new());
    let begins = |bug: &Bug, profile: Option<&str>| {
        spinner.set_message(match profile {
            None => format!("{}: building", bug.name),
            Some(profile) => format!("{}: searching {profile}", bug.name),
        });
    };
    let keep = |bug: &Bug, profile: &str, find: &Find| -> Result<(), Refusal> {
        let (output, history) = (workspace::planted_output().join(&bug.name), format!("{profile}.json"));
        let violates = find.broken.first().map(String::as_str);
        Ok(save_history(&find.smallest, violates, Files { output: &output, history: &history })?)
    };
    let report = planted::scoreboard(&plan, &workspace::planted_output(), begins, keep)?;
    spinner.finish_and_clear();
    if arguments.write {
        let file = workspace::planted_bugs().join("SCOREBOARD.md");
        fs::write(&file, text::scoreboard(&report)).map_err(|error| Refusal::write(&file, &error))?;
    }
    output.report(&report, text::planted)?;
    Ok(if report.missed().next().is_none() { Exit::Held } else { Exit::Violated })
}

/// Runs `hunt`: what the program with a planted bug does.
///
/// # Errors
/// There is no such profile, or our own code panicked.
pub fn hunt(arguments: &arguments::Hunt, output: &Output) -> Result<Exit, Refusal> {
    output.json_line(&planted::hunt(arguments.seeds, &arguments.profile, arguments.jobs)?)?;
    Ok(Exit::Held)
}

/// The bugs that apply: all, or there is no report.
#[derive(Serialize)]
struct Applied<'a> {
    applied: Vec<&'a str>,
}

fn check(bugs: &[Bug], output: &Output) -> Result<Exit, Refusal> {
    bugs.iter().try_for_each(planted::check)?;
    let report = Applied { applied: bugs.iter().map(|bug| bug.name.as_str()).collect() };
    output.report(&report, |report| {
        let count = amount(report.applied.len() as u64, "planted bug applies", "planted bugs apply");
        format!("{}  {count}\n{}     cargo sim planted\n", paint(GOOD, "applied"), paint(LABEL, "next"))
    })?;
    Ok(Exit::Held)
}
