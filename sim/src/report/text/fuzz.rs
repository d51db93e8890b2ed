//! A campaign by coverage: each failure once, then what was run, what that reached, and what never happened.

use std::fmt::Write;

use super::campaign::happened;
use super::failure;
use super::style::{BAD, GOOD, LABEL, ODD, paint};
use crate::report::{Conclusion, FuzzReport};
use crate::words::amount;

/// The report of a campaign by coverage, or of several that were merged.
pub fn fuzz(report: &FuzzReport) -> String {
    let mut text = String::new();
    for found in &report.failures {
        text.push_str(&failure(&found.report));
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "  {}       {} came down to this one\n",
            paint(LABEL, "found"),
            amount(found.histories as u64, "history", "histories")
        );
    }
    let _ = writeln!(text, "{}", headline(report));
    let FuzzReport { seeds, mutants, known, unjudged, keys, corpus, .. } = report;
    let _ = writeln!(
        text,
        "{}     {seeds} fresh seeds (of {} of {}), {mutants} mutants, {known} histories of others",
        paint(LABEL, "ran"),
        report.summary.seeds,
        report.summary.profile
    );
    if *unjudged > 0 {
        let _ = writeln!(text, "        {unjudged} of them hung, crashed or panicked, and no property judged them");
    }
    for shard in &report.shards {
        let runs = amount(shard.runs, "history", "histories");
        let _ = writeln!(
            text,
            "{}   {} of {} from seed {}: {runs}   ({})",
            paint(LABEL, "shard"),
            shard.shard,
            shard.profile,
            shard.first_seed,
            shard.id.get(..8).unwrap_or(&shard.id)
        );
    }
    let _ =
        writeln!(text, "{} {keys} kinds of behaviour, by {corpus} histories of the corpus", paint(LABEL, "reached"));
    if report.kept > 0 {
        let _ = writeln!(
            text,
            "{}    {} more, like those above, as they were found: {}/found",
            paint(LABEL, "kept"),
            amount(report.kept as u64, "failing history", "failing histories"),
            report.folder
        );
    }
    text.push_str(&happened(&report.summary));
    let _ = writeln!(text, "next      {}", next(report));
    text
}

fn headline(report: &FuzzReport) -> String {
    let summary = &report.summary;
    let held = summary.properties.iter().filter(|tally| tally.held_runs > 0 && tally.violated_runs == 0).count();
    let ran = format!("in {}", amount(report.runs(), "history", "histories"));
    match report.conclusion {
        Conclusion::Held => {
            format!("{}    {} {ran}", paint(GOOD, "held"), amount(held as u64, "property", "properties"))
        }
        Conclusion::Vacuous => format!(
            "{} {held} of {} properties had something to check {ran}, and held",
            paint(ODD, "vacuous"),
            summary.properties.len()
        ),
        Conclusion::Violated => {
            let failures = amount(report.failures.len() as u64, "different failure", "different failures");
            format!("{}  {failures} {ran}", paint(BAD, "broken"))
        }
    }
}

fn next(report: &FuzzReport) -> String {
    match (report.failures.first(), &report.shards[..]) {
        (Some(failure), _) => format!("cargo sim replay {}", failure.report.file),
        (None, [_]) => format!("cargo sim fuzz --out {}      (goes on where this one ended)", report.folder),
        (None, _) => {
            format!("cargo sim fuzz --corpus {} --out <DIRECTORY>      (begins with this corpus)", report.folder)
        }
    }
}
