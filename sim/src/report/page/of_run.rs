//! The page of one run: of a failure in its smallest history, or of a replay, held or not.

use std::path::Path;

use properties::Verdict as Said;
use properties::trace::Trace;

use super::model::{Broken, Cell, Command, Fact, Page, ProofLine, ShownRun, Table, Verdict};
use crate::judge::{self, Outcome};
use crate::report::text::{requirements, window};
use crate::report::timeline::Timeline;
use crate::report::{FailureReport, Origin, ReplayReport};

/// The page of a failure. It lies beside the history, wherever somebody moves the two.
pub fn failure(report: &FailureReport, trace: &Trace) -> Page {
    let mut run = shown(report, trace);
    if let Some(name) = Path::new(&report.file).file_name() {
        let line = format!("cargo sim replay {}", name.display());
        run.commands[0] = Command { label: "replay", line, note: Some("in the folder of this page".into()) };
    }
    let steps = match report.steps == report.steps_left {
        true => format!("{} steps", report.steps),
        false => format!("{} steps, made small from {}", report.steps_left, report.steps),
    };
    Page {
        title: report.property.clone(),
        verdict: Verdict::Bad,
        lead: promise(&report.property).unwrap_or_else(|| "A run must not end like this.".to_owned()),
        facts: facts(&report.requirements, report.seed, &report.profile, steps, &report.commit),
        commands: Vec::new(),
        runs: vec![run],
        tables: Vec::new(),
    }
}

/// A failure as a run that can be looked at.
pub(super) fn shown(report: &FailureReport, trace: &Trace) -> ShownRun {
    let FailureReport { seed, profile, file, commit, .. } = report;
    let mut commands = vec![Command::new("replay", format!("cargo sim replay {file}"))];
    if report.origin == Origin::Seed {
        commands.push(Command {
            label: "from seed",
            line: format!("cargo sim run --seed {seed} --profile {profile}"),
            note: Some(format!("at commit {commit}")),
        });
    }
    let mut remarks: Vec<String> = report.windows.iter().map(|of| format!("{}.", window(of))).collect();
    if !report.also_broken.is_empty() {
        remarks.push(format!("Also broken: {}.", report.also_broken.join(", ")));
    }
    ShownRun {
        name: format!("{} (seed {seed}, {profile})", report.property),
        broken: Some(broken(&report.property, &report.requirements, &report.violation, remarks)),
        commands,
        timeline: Timeline::new(trace, Some(&report.violation)),
    }
}

/// The page of a replay.
pub fn replay(report: &ReplayReport, outcome: &Outcome) -> Page {
    let mut violated = report.verdicts.iter().filter_map(|named| match &named.verdict {
        Said::Violated(violation) => Some((named, violation)),
        _ => None,
    });
    let first = violated.next();
    let others: Vec<&str> = violated.map(|(named, _)| named.property.as_str()).collect();
    let remarks = if others.is_empty() { vec![] } else { vec![format!("Also broken: {}.", others.join(", "))] };
    let command = Command::new("replay", format!("cargo sim replay {}", report.subject));
    let shrink = Command::new("make it smaller", format!("cargo sim shrink {}", report.subject));
    let commands = if first.is_some() { vec![command, shrink] } else { vec![command] };
    let run = ShownRun {
        name: format!("seed {}", report.seed),
        broken: first.map(|(named, violation)| broken(&named.property, &named.requirements, violation, remarks)),
        commands,
        timeline: Timeline::new(&outcome.run.trace, first.map(|(_, violation)| violation)),
    };
    let proves = first.map_or(&[][..], |(named, _)| &named.requirements);
    let conclusion = outcome.conclusion();
    let held = report.verdicts.iter().filter(|named| matches!(named.verdict, Said::Held { .. })).count();
    let title = match first {
        Some((named, _)) => named.property.clone(),
        None => format!("A run of seed {}", report.seed),
    };
    let lead = first.and_then(|(named, _)| promise(&named.property));
    let held = || format!("{held} of {} properties had something to check, and held.", report.verdicts.len());
    Page {
        title,
        verdict: conclusion.into(),
        lead: lead.unwrap_or_else(held),
        facts: facts(proves, report.seed, &report.profile, format!("{} steps", report.steps), ""),
        commands: Vec::new(),
        runs: vec![run],
        tables: vec![verdicts(report)],
    }
}

fn broken(property: &str, proves: &[String], violation: &properties::Violation, remarks: Vec<String>) -> Broken {
    let proof = violation.evidence.iter().map(|link| ProofLine {
        at: link.at,
        who: link.who.clone(),
        what: link.what.clone(),
        breaks_it: link.breaks_it,
    });
    Broken {
        property: property.to_owned(),
        statement: statement(property),
        requirements: requirements(proves),
        expected: violation.expected.clone(),
        observed: violation.observed.clone(),
        proof: proof.collect(),
        remarks,
    }
}

fn promise(property: &str) -> Option<String> {
    statement(property).map(|statement| format!("The promise: {statement}."))
}

fn statement(property: &str) -> Option<&'static str> {
    judge::properties().iter().find(|known| known.id == property).map(|known| known.statement)
}

fn facts(proves: &[String], seed: u64, profile: &str, history: String, commit: &str) -> Vec<Fact> {
    let all = [
        ("proves", requirements(proves)),
        ("seed", seed.to_string()),
        ("profile", profile.to_owned()),
        ("history", history),
        ("commit", commit.to_owned()),
    ];
    all.into_iter().filter(|(_, value)| !value.is_empty()).map(|(name, value)| Fact { name, value }).collect()
}

fn verdicts(report: &ReplayReport) -> Table {
    let row = |named: &crate::report::replay::NamedVerdict| {
        let (verdict, word, detail) = match &named.verdict {
            Said::Held { checked } => (Verdict::Good, "held", format!("checked {checked} times")),
            Said::Vacuous { reason } => (Verdict::Odd, "vacuous", (*reason).to_owned()),
            Said::Violated(violation) => (Verdict::Bad, "violated", violation.observed.clone()),
            Said::Broken { panic } => (Verdict::Bad, "panicked", panic.clone()),
        };
        vec![
            Cell { text: word.to_owned(), verdict: Some(verdict) },
            Cell::plain(&*named.property),
            Cell::plain(requirements(&named.requirements)),
            Cell::plain(detail),
        ]
    };
    Table {
        title: "What each property says",
        columns: ["verdict", "property", "proves", "detail"].map(|name| (name.to_owned(), false)).to_vec(),
        rows: report.verdicts.iter().map(row).collect(),
    }
}
