//! A check of determinism: it held, or the first entry that differs, what came before it, and a likely cause.

use std::fmt::Write;

use properties::trace::At;

use super::style::{BAD, GOOD, LABEL, paint};
use crate::report::{DeterminismReport, Divergence, Moment};
use crate::words::amount;

/// The report of a check of determinism.
pub fn determinism(report: &DeterminismReport) -> String {
    let DeterminismReport { seeds, profile, .. } = report;
    let count = amount(seeds.count(), "seed", "seeds");
    let Some(first) = &report.first else {
        return format!(
            "{}  {count} ({seeds} of {profile}) ran alike in two processes\nnext           cargo sim run\n",
            paint(GOOD, "deterministic")
        );
    };
    let differing: Vec<_> = report.differing.iter().take(10).map(ToString::to_string).collect();
    let more = if report.differing.len() > 10 { " and more" } else { "" };
    format!(
        "{}  {} of {count} ({seeds} of {profile}) ran differently in two processes: {}{more}\n\n{}\n{}   {}\n\
         {}    cargo sim check-determinism --seeds {} --profile {profile}\n",
        paint(BAD, "NOT DETERMINISTIC"),
        report.differing.len(),
        differing.join(", "),
        divergence(first),
        paint(LABEL, "likely"),
        first.cause,
        paint(LABEL, "again"),
        crate::seeds::SeedRange::one(first.seed),
    )
}

fn divergence(divergence: &Divergence) -> String {
    let Some(index) = divergence.index else {
        return format!("  seed {}: no entry of the trace can be named\n", divergence.seed);
    };
    let mut text = format!("  seed {}, the first entry that differs is number {index}\n", divergence.seed);
    // Writing to a String cannot fail.
    for moment in &divergence.before {
        let _ = writeln!(text, "    before {}", shortened(&told(moment)));
    }
    let side = |moment: &Option<Moment>| match moment {
        Some(moment) => told(moment),
        None => format!("{:>10}  the trace ends here", ""),
    };
    let _ = writeln!(text, "    {}   {}", paint(BAD, "here"), side(&divergence.here));
    let _ = writeln!(text, "    {}  {}", paint(BAD, "there"), side(&divergence.there));
    text
}

/// What led up to the difference is for orientation: the start of a line is enough.
fn shortened(line: &str) -> String {
    const LIMIT: usize = 140;
    match line.char_indices().nth(LIMIT) {
        Some((end, _)) => format!("{}...", &line[..end]),
        None => line.to_owned(),
    }
}

fn told(moment: &Moment) -> String {
    format!("{:>10}  {}", At(moment.at), moment.text)
}

#[cfg(test)]
mod tests {
    use super::super::plain;
    use super::*;

    fn report(first: Option<Divergence>) -> DeterminismReport {
        DeterminismReport {
            deterministic: first.is_none(),
            profile: "standard".into(),
            seeds: "0..8".parse().unwrap(),
            differing: first.iter().map(|first| first.seed).collect(),
            first,
            fingerprint: String::new(),
        }
    }

    #[test]
    fn the_first_difference_is_shown_with_both_sides() {
        let moment = |at, text: &str| Moment { at, text: text.to_owned() };
        let here = [moment(1_000, "both"), moment(2_000, "this")];
        let there = [moment(1_000, "both")];
        let text = plain(&determinism(&report(Divergence::between(3, &here, &there))));
        assert!(text.starts_with("NOT DETERMINISTIC  1 of 8 seeds (0..8 of standard)"), "{text}");
        assert!(text.contains("    before    0.001 s  both\n    here      0.002 s  this\n"), "{text}");
        assert!(text.contains("    there              the trace ends here\n"), "{text}");
        assert!(text.ends_with("again    cargo sim check-determinism --seeds 3..4 --profile standard\n"), "{text}");
    }

    #[test]
    fn a_difference_that_does_not_come_back_is_told_as_a_race() {
        let text = plain(&determinism(&report(Some(Divergence::unrepeatable(5)))));
        assert!(text.contains("seed 5: no entry") && text.contains("a race"), "{text}");
    }

    #[test]
    fn holding_is_two_lines() {
        assert_eq!(plain(&determinism(&report(None))).lines().count(), 2);
    }
}
