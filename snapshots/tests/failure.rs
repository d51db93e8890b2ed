//! A failure report, and a real one: README shows this very text.
//!
//! A mistake was planted in the hub for it (a resumed stream was delivered from its head, `joined.head.seq`, rather than
//! from the device's position, `seq`). The command found it at seed 1, made the history small and explained it. What is
//! kept is the report as data, and the history among the committed ones (REQUIREMENTS.md IT-10).

use sim::history::Saved;
use sim::judge;
use sim::report::text::{failure, plain};
use sim::report::{FailureReport, json};

/// What the command wrote as JSON.
const REPORT: &str = include_str!("../fixtures/failure.json");

/// The history that it is about.
const HISTORY: &str = include_str!("../../sim/histories/resume-counted-from-the-head.json");

fn report() -> FailureReport {
    let report = serde_json::from_str(REPORT).expect("the report can be read back");
    FailureReport {
        file: "target/sim/1/history.json".into(),
        trace: "target/sim/1/trace.jsonl".into(),
        page: "target/sim/1/page.html".into(),
        ..report
    }
}

#[test]
fn for_people() {
    insta::assert_snapshot!(plain(&failure(&report())));
}

#[test]
fn for_machines() {
    assert_eq!(json::document(&report()), REPORT);
}

#[test]
fn readme_shows_this_report() {
    let readme = include_str!("../../README.md");
    let shown: String = plain(&failure(&report()))
        .lines()
        .map(|line| if line.is_empty() { "\n".to_owned() } else { format!("    {line}\n") })
        .collect();
    assert!(readme.contains(&shown), "README.md must show this block:\n\n{shown}");
}

#[test]
fn the_history_of_the_report_is_kept_and_holds_without_the_mistake() {
    let (report, saved) = (report(), Saved::parse(HISTORY).expect("the history can be run"));
    assert_eq!((saved.history.seed, saved.history.steps.len()), (report.seed, report.steps_left));
    assert_eq!(saved.violates.as_deref(), Some(report.property.as_str()));
    let outcome = judge::judge(&saved.history);
    assert_eq!(outcome.violated().map(|judgement| judgement.id).collect::<Vec<_>>(), [""; 0]);
    assert!(outcome.run.faults["cut"].effective == 1, "the cut still does what the report tells");
}
