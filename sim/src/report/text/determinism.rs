//! A check of determinism: it held, or the first entry that differs, what came before it, and a likely cause.

use std::fmt::Write;

use properties::trace::At;

use super::leaks::leaks;
use super::style::{BAD, GOOD, LABEL, paint};
use crate::report::{DeterminismReport, Divergence, Moment};
use crate::words::amount;

/// The report of a check of determinism.
pub fn determinism(report: &DeterminismReport) -> String {
    let DeterminismReport { seeds, profile, .. } = report;
    let count = amount(report.count, "seed", "seeds");
    let every = if report.every > 1 { format!("each {}th of ", report.every) } else { String::new() };
    let load = if report.under_load { ", the machine kept busy" } else { "" };
    let runs = format!("({every}{seeds} of {profile}{load})");
    let processes = processes(&report.against);
    let mut text = String::new();
    // Writing to a String cannot fail.
    let Some(first) = &report.first else {
        let compared: Vec<_> = report.compared.told().collect();
        let _ = writeln!(text, "{}  {count} {runs} ran alike in {processes}", paint(GOOD, "deterministic"));
        let _ = writeln!(text, "{}       {}, and every verdict", paint(LABEL, "compared"), compared.join(", "));
        text += &report.watched.as_ref().map(leaks).unwrap_or_default();
        let _ = writeln!(text, "{}           cargo sim run", paint(LABEL, "next"));
        return text;
    };
    let differing: Vec<_> = report.differing.iter().take(10).map(ToString::to_string).collect();
    let more = if report.differing.len() > 10 { " and more" } else { "" };
    let _ = writeln!(
        text,
        "{}  {} of {count} {runs} ran differently in {processes}: {}{more}\n\n{}",
        paint(BAD, "NOT DETERMINISTIC"),
        report.differing.len(),
        differing.join(", "),
        divergence(first),
    );
    let _ = writeln!(text, "{}   {}", paint(LABEL, "likely"), first.cause);
    text += &report.watched.as_ref().map(leaks).unwrap_or_default();
    let _ = writeln!(
        text,
        "{}    cargo sim check-determinism --seeds {} --profile {profile}",
        paint(LABEL, "again"),
        crate::seeds::SeedRange::one(first.seed),
    );
    text
}

fn processes(against: &[String]) -> String {
    match against {
        [one] if one == DeterminismReport::THE_SAME_PROGRAM => "two processes".to_owned(),
        others => format!("{} processes: this one, and {}", others.len() + 1, others.join(", ")),
    }
}

fn divergence(divergence: &Divergence) -> String {
    let Some(index) = divergence.index else {
        return format!("  seed {}: no moment of the run can be named\n", divergence.seed);
    };
    let (mut text, seed) = (String::new(), divergence.seed);
    let where_it_is = match divergence.here.as_ref().or(divergence.there.as_ref()) {
        Some(moment) => format!(", at {} on {}, {}", At(moment.at), moment.host, moment.task),
        None => String::new(),
    };
    // Writing to a String cannot fail.
    let _ = writeln!(text, "  seed {seed}, the first moment that differs is number {index}{where_it_is}");
    for moment in &divergence.before {
        let _ = writeln!(text, "    before {}", shortened(&told(moment)));
    }
    let side = |moment: &Option<Moment>| match moment {
        Some(moment) => told(moment),
        None => format!("{:>10}  the run ends here", ""),
    };
    let _ = writeln!(text, "    {}   {}", paint(BAD, "here"), side(&divergence.here));
    let there = side(&divergence.there);
    let _ = writeln!(text, "    {}  {there}", paint(BAD, "there"));
    if divergence.against != DeterminismReport::THE_SAME_PROGRAM {
        let _ = writeln!(text, "    there is {}", divergence.against);
    }
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
    format!("{:>10}  {}, {}: {}", At(moment.at), moment.host, moment.task, moment.text)
}

#[cfg(test)]
mod tests {
    use super::super::plain;
    use super::*;
    use crate::activity::Counts;

    fn report(first: Option<Divergence>) -> DeterminismReport {
        DeterminismReport {
            deterministic: first.is_none(),
            profile: "standard".into(),
            seeds: "0..8".parse().unwrap(),
            every: 1,
            count: 8,
            against: vec![DeterminismReport::THE_SAME_PROGRAM.into()],
            under_load: false,
            compared: Counts::default(),
            differing: first.iter().map(|first| first.seed).collect(),
            first,
            watched: None,
            fingerprint: String::new(),
        }
    }

    #[test]
    fn the_first_difference_is_shown_with_both_sides() {
        let moment =
            |at, text: &str| Moment { at, host: "devices".into(), task: "ana/phone".into(), text: text.to_owned() };
        let here = [moment(1_000, "both"), moment(2_000, "this")];
        let there = [moment(1_000, "both")];
        let text = plain(&determinism(&report(Divergence::between(3, "the build dev", &here, &there))));
        assert!(text.starts_with("NOT DETERMINISTIC  1 of 8 seeds (0..8 of standard)"), "{text}");
        assert!(text.contains("    before    0.001 s  devices, ana/phone: both\n"), "{text}");
        assert!(text.contains("number 1, at 0.002 s on devices, ana/phone\n"), "{text}");
        assert!(text.contains("    here      0.002 s  devices, ana/phone: this\n"), "{text}");
        assert!(text.contains("    there              the run ends here\n    there is the build dev\n"), "{text}");
        assert!(text.ends_with("again    cargo sim check-determinism --seeds 3..4 --profile standard\n"), "{text}");
    }

    #[test]
    fn a_difference_that_does_not_come_back_is_told_as_a_race() {
        let text = plain(&determinism(&report(Some(Divergence::unrepeatable(5, "it")))));
        assert!(text.contains("seed 5: no moment") && text.contains("a race"), "{text}");
    }

    #[test]
    fn holding_is_three_lines() {
        let text = plain(&determinism(&report(None)));
        assert!(text.starts_with("deterministic  8 seeds (0..8 of standard) ran alike in two processes\n"), "{text}");
        assert_eq!(text.lines().count(), 3);
        let (every, count, under_load) = (20, 4, true);
        let against = ["build dev", "build sim"].map(String::from).to_vec();
        let sampled = DeterminismReport { every, count, against, under_load, ..report(None) };
        let text = plain(&determinism(&sampled));
        let first = "4 seeds (each 20th of 0..8 of standard, the machine kept busy) ran alike in 3 processes: this one, \
                     and build dev, build sim\n";
        assert!(text.contains(first), "{text}");
    }
}
