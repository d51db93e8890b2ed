//! A trace that was judged: each violation as a failure tells it, then what every property says.

use std::fmt::Write;

use properties::Verdict;

use super::failure::violation;
use super::requirements::requirements;
use super::style::{BAD, LABEL, STRONG, paint};
use super::verdicts::verdicts;
use crate::report::{JudgeReport, Origin};
use crate::words::amount;

/// The report of a judged trace.
pub fn judged(report: &JudgeReport) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = writeln!(text, "{}\n", headline(report));
    for named in &report.verdicts {
        let id = paint(STRONG, &named.property);
        let proves = requirements(&named.requirements);
        match &named.verdict {
            Verdict::Violated(broken) => {
                let _ = writeln!(text, "{}  {id}  [{proves}]", paint(BAD, "FAILED"));
                text.push_str(&violation(broken));
            }
            Verdict::Broken { panic } => {
                let _ = writeln!(text, "{}  {id}  [{proves}]", paint(BAD, "PANICKED"));
                let said = panic.trim_end().replace('\n', "\n            ");
                let _ = writeln!(text, "  {}      {said}\n", paint(LABEL, "said"));
            }
            Verdict::Held { .. } | Verdict::Vacuous { .. } => {}
        }
    }
    text.push_str(&verdicts(&report.verdicts));
    let _ = writeln!(text, "\n{}  {}", paint(LABEL, "fingerprint"), report.fingerprint);
    let _ = writeln!(text, "{}         {}", paint(LABEL, "next"), next(report));
    text
}

fn headline(report: &JudgeReport) -> String {
    let about = &report.about;
    let history = match about.drawn_steps == about.steps {
        true => format!("history {} steps", about.steps),
        false => format!("history {} -> {} steps", about.drawn_steps, about.steps),
    };
    let observations = amount(report.entries as u64, "observation", "observations");
    format!(
        "{}   seed {}   {}   {history}   {observations}   (commit {})",
        paint(STRONG, "TRACE"),
        about.seed,
        about.profile,
        about.commit
    )
}

fn next(report: &JudgeReport) -> String {
    let JudgeReport { about, file, .. } = report;
    if let Some(named) = report.panicked() {
        return format!("RUST_BACKTRACE=1 cargo sim judge {file} --property {}", named.property);
    }
    let violated = report.verdicts.iter().find(|named| matches!(named.verdict, Verdict::Violated(_)));
    match (violated, &report.history_file) {
        (None, _) => "cargo sim run".to_owned(),
        (Some(_), Some(history)) => format!("cargo sim replay {history}"),
        // The seed makes the history that was drawn, at that commit.
        (Some(_), None) if about.origin == Origin::Seed => {
            format!("cargo sim shrink {} --profile {}      (commit {})", about.seed, about.profile, about.commit)
        }
        (Some(named), None) => format!("cargo sim judge {file} --property {}", named.property),
    }
}

#[cfg(test)]
mod tests {
    use properties::trace::At;
    use properties::{Evidence, Violation};

    use super::super::plain;
    use super::*;
    use crate::report::Conclusion;
    use crate::report::replay::NamedVerdict;
    use crate::trace_file::About;

    fn report(verdict: Verdict) -> JudgeReport {
        let about = About {
            program: "0.1.0".into(),
            commit: "3fa91c2".into(),
            origin: Origin::Seed,
            seed: 7,
            profile: "calm".into(),
            drawn_steps: 143,
            steps: 6,
            history: Some("history.json".into()),
        };
        let named = |property: &str, verdict| NamedVerdict {
            property: property.into(),
            requirements: vec!["CG-2".into()],
            verdict,
        };
        JudgeReport {
            conclusion: Conclusion::Violated,
            about,
            entries: 90,
            verdicts: vec![named("a/first", Verdict::Held { checked: 3 }), named("b/second", verdict)],
            fingerprint: "ab".into(),
            file: "t.jsonl".into(),
            history_file: Some("history.json".into()),
        }
    }

    #[test]
    fn a_violation_is_told_as_a_failure_tells_it() {
        let violation = Violation {
            expected: "17".into(),
            observed: "18".into(),
            evidence: vec![Evidence::breaking(At(4_210_000), "ana/phone", "reads 18")],
        };
        let told = plain(&judged(&report(Verdict::Violated(violation))));
        let expected = "TRACE   seed 7   calm   history 143 -> 6 steps   90 observations   (commit 3fa91c2)\n\n\
            FAILED  b/second  [CG-2]\n  expected  17\n  observed  18\n\n   \
            4.210 s  ana/phone    reads 18                                     <- breaks it here\n\n  \
            held      a/first   CG-2  checked 3 times\n  violated  b/second  CG-2  18\n\n\
            fingerprint  ab\nnext         cargo sim replay history.json\n";
        assert_eq!(told, expected);
    }

    #[test]
    fn a_property_that_panics_is_no_violation() {
        let told = plain(&judged(&report(Verdict::Broken { panic: "index out of bounds".into() })));
        assert!(told.contains("PANICKED  b/second  [CG-2]\n  said      index out of bounds\n"), "{told}");
        assert!(
            told.ends_with("next         RUST_BACKTRACE=1 cargo sim judge t.jsonl --property b/second\n"),
            "{told}"
        );
        assert!(!told.contains("FAILED"), "{told}");
    }

    #[test]
    fn without_its_history_a_violation_leads_on_to_its_seed() {
        let violation = Violation { expected: "17".into(), observed: "18".into(), evidence: vec![] };
        let report = JudgeReport { history_file: None, ..report(Verdict::Violated(violation)) };
        let told = plain(&judged(&report));
        assert!(told.ends_with("next         cargo sim shrink 7 --profile calm      (commit 3fa91c2)\n"), "{told}");
        let about = About { origin: Origin::File, ..report.about.clone() };
        let told = plain(&judged(&JudgeReport { about, ..report }));
        assert!(told.ends_with("next         cargo sim judge t.jsonl --property b/second\n"), "{told}");
    }
}
