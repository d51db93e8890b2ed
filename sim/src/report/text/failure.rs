//! A failure: what was expected, what was observed, the proof, and the command that shows it again.

use std::fmt::Write;

use properties::Violation;

use super::lines::{TimedLine, timed_lines};
use super::requirements::requirements;
use super::style::{BAD, LABEL, ODD, STRONG, paint};
use crate::report::{FailureReport, FaultWindow, Origin};

/// The report of one failure.
pub fn failure(report: &FailureReport) -> String {
    let mut text = String::new();
    let FailureReport { seed, profile, file, trace, page, commit, .. } = report;
    let history = match report.steps == report.steps_left {
        true => format!("history {} steps", report.steps),
        false => format!("history {} -> {} steps", report.steps, report.steps_left),
    };
    let id = paint(STRONG, &report.property);
    let requirements = requirements(&report.requirements);
    // Writing to a String cannot fail.
    let _ = writeln!(text, "{}  {id}  [{requirements}]   seed {seed}   {profile}   {history}", paint(BAD, "FAILED"));
    text.push_str(&violation(&report.violation));

    for window in &report.windows {
        let _ = writeln!(text, "      {}", self::window(window));
    }
    if !report.windows.is_empty() {
        text.push('\n');
    }

    if !report.also_broken.is_empty() {
        let _ = writeln!(text, "  {}  {}", paint(ODD, "also broken"), report.also_broken.join(", "));
    }
    if !page.is_empty() {
        let _ = writeln!(text, "  {}        {page}", paint(LABEL, "page"));
    }
    let _ = writeln!(text, "  {}      cargo sim replay {file}", paint(LABEL, "replay"));
    if !trace.is_empty() {
        let _ = writeln!(text, "  {}       cargo sim judge {trace}", paint(LABEL, "trace"));
    }
    if report.origin == Origin::Seed {
        let _ = writeln!(
            text,
            "  {}   cargo sim run --seed {seed} --profile {profile}      (commit {commit})",
            paint(LABEL, "from seed")
        );
    }
    text
}

/// What was expected and observed, and the proof, with an empty line below.
pub(super) fn violation(violation: &Violation) -> String {
    let mut text = String::new();
    let mut labelled = |label: &str, words: &str| {
        // What a property says in several lines stays in its column.
        let words = words.trim_end().replace('\n', "\n            ");
        // Writing to a String cannot fail.
        let _ = writeln!(text, "  {}  {words}", paint(LABEL, label));
    };
    labelled("expected", &violation.expected);
    labelled("observed", &violation.observed);
    let evidence: Vec<_> = violation
        .evidence
        .iter()
        .map(|link| TimedLine { at: link.at, who: &link.who, what: &link.what, breaks_it: link.breaks_it })
        .collect();
    text.push('\n');
    text.push_str(&timed_lines(&evidence));
    if !evidence.is_empty() {
        text.push('\n');
    }
    text
}

/// When a fault must begin.
pub(in crate::report) fn window(window: &FaultWindow) -> String {
    let FaultWindow { kind, from, to, is_bounded } = window;
    let kind = kind.replace('_', " ");
    match is_bounded {
        true => format!("the {kind} must begin between {from} and {to}"),
        false => format!("the {kind} may begin at any time"),
    }
}

#[cfg(test)]
mod tests {
    use properties::Evidence;
    use properties::trace::At;

    use super::super::plain;
    use super::*;

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
                expected: "17".into(),
                observed: "18".into(),
                evidence: vec![
                    Evidence::new(At(4_210_000), "ana/phone", "message.send \"m17\""),
                    Evidence::breaking(At(19_800_000), "ben/a-long-name", "resume"),
                ],
            },
            windows: vec![],
            also_broken: vec![],
            commit: "3fa91c2".into(),
            file: "target/sim/8841/history.json".into(),
            trace: "target/sim/8841/trace.jsonl".into(),
            page: String::new(),
        }
    }

    #[test]
    fn the_columns_of_the_proof_line_up() {
        let text = plain(&failure(&report()));
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines[0], "FAILED  ordering/gapless  [CG-2]   seed 8841   standard   history 143 -> 6 steps");
        assert_eq!(lines[4], "   4.210 s  ana/phone        message.send \"m17\"");
        assert_eq!(lines[5].find("resume"), lines[4].find("message"));
        assert!(lines[5].ends_with("  <- breaks it here"), "{text}");
        assert_eq!(
            lines.last(),
            Some(&"  from seed   cargo sim run --seed 8841 --profile standard      (commit 3fa91c2)")
        );
    }

    #[test]
    fn it_says_when_a_fault_must_begin() {
        let window = |kind: &str, is_bounded| FaultWindow {
            kind: kind.into(),
            from: At(4_216_000),
            to: At(4_224_000),
            is_bounded,
        };
        let windows = vec![window("cut", true), window("power_loss", false)];
        let text = plain(&failure(&FailureReport { windows, ..report() }));
        let expected =
            "      the cut must begin between 4.216 s and 4.224 s\n      the power loss may begin at any time\n\n";
        assert!(text.contains(expected), "{text}");
    }

    #[test]
    fn a_saved_history_is_replayed_from_its_file_alone() {
        let text = plain(&failure(&FailureReport { origin: Origin::File, steps_left: 143, ..report() }));
        assert!(text.contains("history 143 steps") && !text.contains("from seed"), "{text}");
        let ends = "  replay      cargo sim replay target/sim/8841/history.json\n  \
                    trace       cargo sim judge target/sim/8841/trace.jsonl\n";
        assert!(text.ends_with(ends), "{text}");
        let text = plain(&failure(&FailureReport { trace: String::new(), origin: Origin::File, ..report() }));
        assert!(!text.contains("cargo sim judge"), "{text}");
    }

    #[test]
    fn the_page_is_named_where_there_is_one() {
        let text = plain(&failure(&FailureReport { page: "target/sim/8841/page.html".into(), ..report() }));
        assert!(text.contains("\n  page        target/sim/8841/page.html\n  replay      cargo sim"), "{text}");
        assert!(!plain(&failure(&report())).contains("  page "));
    }

    #[test]
    fn other_broken_properties_are_named() {
        let text = plain(&failure(&FailureReport { also_broken: vec!["a/b".into(), "c/d".into()], ..report() }));
        assert!(text.contains("  also broken  a/b, c/d\n"), "{text}");
    }
}
