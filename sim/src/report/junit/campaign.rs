//! A campaign as JUnit sees it: a case for each property. One that never had anything to check is skipped with the reason,
//! never passed.

use super::suite::{Case, Outcome, Suite, to_xml};
use crate::report::summary::PropertyTally;
use crate::report::text::{failure, own_error, plain};
use crate::report::{CampaignReport, FailureReport, OwnError};
use crate::words::amount;

/// The JUnit file of a campaign.
pub fn campaign(report: &CampaignReport) -> String {
    let summary = &report.summary;
    let mut properties = vec![
        ("profile".to_owned(), summary.profile.clone()),
        ("seeds".to_owned(), summary.seeds.to_string()),
        ("histories".to_owned(), summary.runs.to_string()),
    ];
    if !summary.fingerprint.is_empty() {
        properties.push(("fingerprint".to_owned(), summary.fingerprint.clone()));
    }
    let mut cases: Vec<Case> = summary.properties.iter().map(|tally| case(tally, report)).collect();
    // What panicked and is no property: the world.
    let of_no_property = |error: &&OwnError| summary.properties.iter().all(|tally| tally.id != error.panicked);
    let others = report.errors.iter().filter(of_no_property);
    cases.extend(others.map(|error| Case {
        class: "simulation".to_owned(),
        name: format!("seed {} of {}", error.seed, error.profile),
        outcome: errored(error),
        output: String::new(),
    }));
    to_xml("cargo sim run", &[Suite { name: "properties".to_owned(), properties, cases }])
}

fn case(tally: &PropertyTally, report: &CampaignReport) -> Case {
    let class = tally.id.split('/').next().unwrap_or_default().to_owned();
    let error = report.errors.iter().find(|error| error.panicked == tally.id);
    let outcome = match error {
        _ if tally.violated_runs > 0 => failed(tally, &report.failures),
        Some(error) => errored(error),
        None if tally.held_runs == 0 => {
            Outcome::Skipped { reason: tally.vacuous_reason.clone().unwrap_or_else(|| "it was never asked".to_owned()) }
        }
        None => Outcome::Passed,
    };
    let checked = format!(
        "checked {} times in {}; proves {}",
        tally.checked,
        amount(tally.held_runs, "history", "histories"),
        tally.requirements.join(", ")
    );
    Case { class, name: tally.id.clone(), outcome, output: checked }
}

/// With its own report, if there is one; else with that of the history that breaks it too.
fn failed(tally: &PropertyTally, failures: &[FailureReport]) -> Outcome {
    let own = failures.iter().find(|report| report.property == tally.id);
    let other = failures.iter().find(|report| report.also_broken.contains(&tally.id));
    let broken = format!("broken in {}", amount(tally.violated_runs, "history", "histories"));
    let message = match (own, other) {
        (Some(report), _) => one_line(&report.violation.observed),
        (None, Some(report)) => format!("{broken}, by the one that breaks {}", report.property),
        (None, None) => broken,
    };
    let text = match own.or(other) {
        Some(report) => plain(&failure(report)),
        None => "next  cargo sim run --keep-going\n".to_owned(),
    };
    Outcome::Failed { message, text }
}

fn errored(error: &OwnError) -> Outcome {
    Outcome::Error { message: one_line(&error.message), text: plain(&own_error(error)) }
}

fn one_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}
