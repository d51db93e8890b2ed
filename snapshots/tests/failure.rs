//! A failure report. README shows this very one.

use properties::trace::At;
use properties::{Evidence, Violation};
use sim::report::text::{failure, plain};
use sim::report::{FailureReport, Origin, json};

fn report() -> FailureReport {
    FailureReport {
        property: "ordering/gapless".into(),
        requirements: vec!["CG-2".into()],
        origin: Origin::Seed,
        seed: 8841,
        profile: "standard".into(),
        steps: 143,
        steps_left: 6,
        violation: Violation {
            expected: "ana's phone reads seq 17 of room general after 16".into(),
            observed: "16, then 18: event 17 was never delivered after the resume at 9.800 s".into(),
            evidence: vec![
                Evidence::new(At(4_210_000), "ana/phone", "message.send \"m17\""),
                Evidence::new(At(4_216_000), "server", "committed general#17"),
                Evidence::new(At(4_220_000), "fault", "cut ana/phone"),
                Evidence::breaking(At(9_800_000), "ana/phone", "resume from 16 -> top 18, recovered"),
            ],
        },
        windows: vec![],
        also_broken: vec![],
        commit: "3fa91c2".into(),
        file: "target/sim/8841/history.json".into(),
    }
}

#[test]
fn for_people() {
    insta::assert_snapshot!(plain(&failure(&report())));
}

#[test]
fn for_machines() {
    insta::assert_snapshot!(json::document(&report()));
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
