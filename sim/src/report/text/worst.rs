//! A search for the worst recovery: how it grew, what the worst is, and the command that shows it.

use std::fmt::Write;

use super::failure;
use super::style::{BAD, GOOD, LABEL, ODD, STRONG, paint};
use super::table::{Align, table};
use crate::report::Conclusion;
use crate::report::recovery::RunName;
use crate::report::worst::{WorstReport, WorstStep};
use crate::words::{amount, seconds};

/// The report of a search for the worst recovery.
pub fn worst(report: &WorstReport) -> String {
    let WorstReport { conclusion, profile, seeds, runs, .. } = report;
    let mut text = String::new();
    for broken in &report.failures {
        text.push_str(&failure(broken));
        text.push('\n');
    }
    let tried = format!("seeds {seeds} of {profile}, then {}", amount(*runs, "changed history", "changed histories"));
    // Writing to a String cannot fail.
    let _ = match (conclusion, &report.worst) {
        (Conclusion::Violated, _) => {
            writeln!(text, "{}  a property was broken on the way ({tried})", paint(BAD, "broken"))
        }
        (_, None) => writeln!(text, "{} nobody had to recover ({tried})", paint(ODD, "vacuous")),
        (_, Some(_)) => writeln!(text, "{}    every recovery took at most 30 s ({tried})", paint(GOOD, "held")),
    };
    if let Some(worst) = &report.worst {
        let from = if worst.from.is_empty() { "no fault".to_owned() } else { worst.from.join(", ") };
        let length = paint(STRONG, seconds(worst.after_ms));
        let _ = writeln!(text, "{}   {length} from the heal until {} is in step", paint(LABEL, "worst"), worst.device);
        let _ = writeln!(text, "        at work on it: {from}");
        let steps = amount(worst.history_steps as u64, "step", "steps");
        let _ = writeln!(text, "        in a history of {steps}, {} of them faults", worst.faults);
    }
    if !report.steps.is_empty() {
        text.push('\n');
        let mut rows = vec![["found in", "recovery"].map(str::to_owned)];
        rows.extend(report.steps.iter().map(|step| [found_in(step), seconds(step.after_ms)]));
        text.push_str(&table([Align::Left, Align::Right], &rows));
    }
    text.push('\n');
    if let Some(worst) = &report.worst {
        let _ = writeln!(text, "{}  cargo sim replay {}", paint(LABEL, "replay"), worst.file);
    }
    let _ = writeln!(text, "{}    {}", paint(LABEL, "next"), next(report));
    text
}

fn found_in(step: &WorstStep) -> String {
    match &step.seed {
        Some(RunName::Seed(seed)) => format!("seed {seed}"),
        Some(RunName::Saved(file)) => file.clone(),
        None => format!("changed history {}", step.run),
    }
}

fn next(report: &WorstReport) -> String {
    let WorstReport { profile, seeds, runs, .. } = report;
    match (report.failures.first(), &report.worst) {
        (Some(failure), _) => format!("cargo sim replay {}", failure.file),
        (None, None) => "cargo sim run --worst recovery --profile harsh".to_owned(),
        (None, Some(_)) => {
            let more = (runs * 4).max(1);
            format!(
                "cargo sim run --worst recovery --seeds {seeds} --runs {more} --profile {profile}      (search further)"
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::plain;
    use super::*;
    use crate::report::worst::WorstRecovery;

    #[test]
    fn it_tells_how_the_worst_grew_and_how_to_see_it() {
        let report = WorstReport {
            conclusion: Conclusion::Held,
            profile: "standard".into(),
            seeds: "0..64".parse().unwrap(),
            runs: 200,
            steps: vec![
                WorstStep { seed: Some(RunName::Seed(7)), run: 0, after_ms: 15_200 },
                WorstStep { seed: None, run: 31, after_ms: 19_800 },
            ],
            worst: Some(WorstRecovery {
                device: "ana/phone".into(),
                after_ms: 19_800,
                from: vec!["cut", "hang"],
                history_steps: 180,
                faults: 9,
                file: "target/sim/7/worst-recovery.json".into(),
            }),
            failures: vec![],
        };
        assert_eq!(
            plain(&worst(&report)),
            "held    every recovery took at most 30 s (seeds 0..64 of standard, then 200 changed histories)\n\
             worst   19.800 s from the heal until ana/phone is in step\n        at work on it: cut, hang\n        \
             in a history of 180 steps, 9 of them faults\n\n  \
             found in            recovery\n  seed 7              15.200 s\n  changed history 31  19.800 s\n\n\
             replay  cargo sim replay target/sim/7/worst-recovery.json\n\
             next    cargo sim run --worst recovery --seeds 0..64 --runs 800 --profile standard      (search further)\n"
        );
    }

    #[test]
    fn where_nobody_had_to_recover_it_says_so() {
        let report = WorstReport {
            conclusion: Conclusion::Vacuous,
            profile: "calm".into(),
            seeds: "0..2".parse().unwrap(),
            runs: 0,
            steps: vec![],
            worst: None,
            failures: vec![],
        };
        let text = plain(&worst(&report));
        assert!(text.starts_with("vacuous nobody had to recover (seeds 0..2 of calm, then 0 changed"), "{text}");
        assert!(text.ends_with("next    cargo sim run --worst recovery --profile harsh\n"), "{text}");
    }
}
