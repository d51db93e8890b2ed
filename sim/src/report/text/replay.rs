//! A replay: the story, then the verdicts.

use std::fmt::Write;

use properties::Verdict;
use properties::telling::Line;

use super::lines::{TimedLine, timed_lines};
use super::style::{LABEL, STRONG, paint};
use super::verdicts::verdicts;
use crate::report::ReplayReport;

/// The report of a replay.
pub fn replay(report: &ReplayReport) -> String {
    let mut text = String::new();
    let ReplayReport { seed, profile, steps, .. } = report;
    // Writing to a String cannot fail.
    let _ = writeln!(text, "{}   seed {seed}   {profile}   history {steps} steps\n", paint(STRONG, "STORY"));
    text.push_str(&story(&report.story));
    text.push('\n');

    text.push_str(&verdicts(&report.verdicts));
    let _ = writeln!(text, "\n{}  {}", paint(LABEL, "fingerprint"), report.fingerprint);
    if let Some(trace) = &report.trace {
        let _ = writeln!(text, "{}        cargo sim judge {trace}", paint(LABEL, "trace"));
    }
    let violated = report.verdicts.iter().any(|named| matches!(named.verdict, Verdict::Violated(_)));
    let next = match violated {
        true => format!("cargo sim shrink {}", report.subject),
        false => "cargo sim run".to_owned(),
    };
    if !report.page.is_empty() {
        let _ = writeln!(text, "{}         {}", paint(LABEL, "page"), report.page);
    }
    let _ = writeln!(text, "{}         {next}", paint(LABEL, "next"));
    text
}

/// The lines of a story.
pub fn story(lines: &[Line]) -> String {
    let timed = lines.iter().map(|line| TimedLine { at: line.at, who: &line.who, what: &line.what, breaks_it: false });
    timed_lines(&timed.collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use properties::trace::At;

    use super::super::plain;
    use super::*;
    use crate::report::replay::NamedVerdict;

    #[test]
    fn the_story_comes_first_and_the_verdicts_last() {
        let verdict = |property: &str, verdict| NamedVerdict {
            property: property.into(),
            requirements: vec!["CG-2".into()],
            verdict,
        };
        let report = ReplayReport {
            seed: 7,
            profile: "calm".into(),
            steps: 2,
            story: vec![Line { at: At(1_000), who: "ana/phone".into(), what: "is logged in".into() }],
            verdicts: vec![
                verdict("ordering/gapless", Verdict::Held { checked: 3 }),
                verdict("access/none", Verdict::Vacuous { reason: "nobody tried" }),
            ],
            fingerprint: "ab".into(),
            subject: "7".into(),
            trace: Some("t.jsonl".into()),
            page: String::new(),
        };
        let with_page = ReplayReport { trace: None, page: "page.html".into(), ..report.clone() };
        assert!(
            plain(&replay(&with_page))
                .ends_with("fingerprint  ab\npage         page.html\nnext         cargo sim run\n")
        );
        assert_eq!(
            plain(&replay(&report)),
            "STORY   seed 7   calm   history 2 steps\n\n   0.001 s  ana/phone    is logged in\n\n  \
             held     ordering/gapless  CG-2  checked 3 times\n  vacuous  access/none       CG-2  nobody tried\n\n\
             fingerprint  ab\ntrace        cargo sim judge t.jsonl\nnext         cargo sim run\n"
        );
    }
}
