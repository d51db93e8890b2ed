//! The scoreboard of planted bugs, for a terminal and for the file that is committed.

use std::fmt::Write;

use super::style::{BAD, GOOD, LABEL, paint};
use crate::report::PlantedReport;
use crate::report::planted::{BugReport, SearchReport, ShrunkReport, Spread, Worth};
use crate::words::{amount, seconds};

/// The scoreboard.
pub fn planted(report: &PlantedReport) -> String {
    let missed: Vec<_> = report.missed().map(|bug| bug.name.as_str()).collect();
    let found = format!("{} of {}", report.bugs.len() - missed.len(), bugs(report.bugs.len()));
    let mut text = match missed.is_empty() {
        true => format!("{}   {found}\n", paint(GOOD, "found")),
        false => format!("{}  {found}: not {}\n", paint(BAD, "MISSED"), missed.join(", ")),
    };
    // Writing to a String cannot fail.
    for line in summary(report) {
        let _ = writeln!(text, "        {line}");
    }
    text.push('\n');
    let rows = rows(report);
    let columns = rows.first().map_or(0, Vec::len);
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default();
    let widths: Vec<usize> = (0..columns).map(width).collect();
    for row in &rows {
        let cells: Vec<_> = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        let _ = writeln!(text, "  {}", cells.join("  ").trim_end());
    }
    let next = match missed.first() {
        None => "cargo sim planted --write".to_owned(),
        Some(missed) => format!("cargo sim planted --only {missed} --for 10m"),
    };
    let _ = writeln!(text, "\n{}    {next}", paint(LABEL, "next"));
    text
}

/// The scoreboard as the file `sim/planted/SCOREBOARD.md`.
pub fn scoreboard(report: &PlantedReport) -> String {
    let mut text = format!(
        "# Scoreboard of planted bugs\n\n\
         Written by `cargo sim planted --write` at commit {}; do not edit. Each bug is a mistake that a good engineer could\n\
         make, as a patch against `system/` beside this file. It was searched for as if nobody knew of it, in each way from\n\
         {} that lie far apart. `12 (3..40) 0.8 s`: half of the ranges needed at most 12 histories and 0.8 s of\n\
         one core until a property broke, the luckiest 3, the unluckiest 40. *Steps* and *left* are those of one find before\n\
         and after shrinking, which took so many *runs*. [docs/planted.md](../../docs/planted.md) says how to read it.\n\n",
        report.commit,
        amount(report.ranges, "range of seeds", "ranges of seeds"),
    );
    let missed: Vec<_> = report.missed().map(|bug| bug.name.as_str()).collect();
    // Writing to a String cannot fail.
    let _ = writeln!(text, "- found {} of {}", report.bugs.len() - missed.len(), bugs(report.bugs.len()));
    if !missed.is_empty() {
        let _ = writeln!(text, "- **not found**: {}", missed.join(", "));
    }
    for line in summary(report) {
        let _ = writeln!(text, "- {line}");
    }
    text.push('\n');
    for (index, row) in rows(report).iter().enumerate() {
        let _ = writeln!(text, "| {} |", row.join(" | "));
        if index == 0 {
            let _ = writeln!(text, "|{}", "---|".repeat(row.len()));
        }
    }
    text.push('\n');
    for bug in &report.bugs {
        let _ = writeln!(text, "- **{}**: {}", bug.name, bug.mistake);
    }
    text
}

/// What all of it comes to.
fn summary(report: &PlantedReport) -> Vec<String> {
    let worth = |Worth { way, found, histories }: &Worth| {
        let half = histories.median.map(|median| format!("half of the bugs within {median} histories"));
        let worst = histories.most.map(|most| format!("the worst within {most}"));
        let half = half.unwrap_or_else(|| "fewer than half of the bugs by most ranges".to_owned());
        let worst = worst.unwrap_or_else(|| "some not by most ranges".to_owned());
        format!("{way}: {found} found; by the medians of their ranges, {half}, {worst}")
    };
    let mut lines: Vec<String> = report.worth().iter().map(worth).collect();
    if let Some(Spread { median: Some(median), most: Some(most), .. }) = report.shrink_runs() {
        lines.push(format!("shrinking: half of the finds within {median} runs, the worst within {most}"));
    }
    if !report.unmeasured.is_empty() {
        lines.push(format!("not measured: {}", report.unmeasured.join(", ")));
    }
    lines.push(format!("all searches together took {} of one core, besides building", seconds(report.took_ms())));
    lines
}

/// The heading, and a row for each bug.
fn rows(report: &PlantedReport) -> Vec<Vec<String>> {
    let ways = report.bugs.first().map(|bug| bug.searches.iter().map(SearchReport::way)).into_iter().flatten();
    let mut head = vec!["bug".to_owned(), "caught by".to_owned()];
    head.extend(ways);
    head.extend(["steps", "left", "runs"].map(str::to_owned));
    std::iter::once(head).chain(report.bugs.iter().map(row)).collect()
}

fn row(bug: &BugReport) -> Vec<String> {
    let mut row = vec![bug.name.clone(), caught(bug)];
    row.extend(bug.searches.iter().map(cell));
    row.extend(match &bug.shrunk {
        None => [String::new(), String::new(), String::new()],
        Some(ShrunkReport { steps, steps_left, runs, finished, .. }) => {
            // A number that a bound cut short is none that could be compared.
            let runs = if *finished { runs.to_string() } else { format!("{runs} and more") };
            [steps.to_string(), steps_left.to_string(), runs]
        }
    });
    row
}

fn caught(bug: &BugReport) -> String {
    match bug.caught_by().first() {
        None => format!("nothing; expected {}", bug.expected),
        Some(first) if *first == bug.expected => (*first).to_owned(),
        Some(first) if bug.has_broken_expected() => format!("{first}, {} too", bug.expected),
        Some(first) => format!("{first}; expected {}", bug.expected),
    }
}

/// `12 (3..40) 0.800 s`, or how much was run in vain.
fn cell(search: &SearchReport) -> String {
    let (histories, took) = (search.histories(), search.took_ms());
    let Some(least) = histories.least else { return format!("none in {}", search.in_vain()) };
    let most = histories.most.map_or_else(|| format!("more than {}", search.in_vain()), |most| most.to_string());
    match (histories.median, took.median) {
        (Some(median), Some(ms)) => format!("{median} ({least}..{most}) {}.{} s", ms / 1_000, ms % 1_000 / 100),
        _ => format!("({least}..{most})"),
    }
}

fn bugs(count: usize) -> String {
    amount(count as u64, "planted bug", "planted bugs")
}

#[cfg(test)]
mod tests {
    use super::super::plain;
    use super::*;
    use crate::report::planted::RangeReport;

    fn search(profile: &str, guided: bool, ranges: &[(u64, Option<&str>)]) -> SearchReport {
        let range = |(range, &(histories, broken)): (u64, &(u64, Option<&str>))| RangeReport {
            first_seed: range * 10_000,
            histories,
            took_ms: histories * 100,
            broken: broken.map(|broken| vec![broken.to_owned()]),
        };
        SearchReport { profile: profile.into(), guided, ranges: (0..).zip(ranges).map(range).collect() }
    }

    fn report(standard: &[(u64, Option<&str>)], guided: &[(u64, Option<&str>)]) -> PlantedReport {
        let has_found = standard.iter().any(|(_, broken)| broken.is_some());
        let shrunk = ShrunkReport {
            profile: "standard".into(),
            guided: false,
            seed: Some(7),
            property: "presence/converges".into(),
            steps: 150,
            steps_left: 3,
            runs: 90,
            finished: true,
        };
        let bug = BugReport {
            name: "late-goodbye".into(),
            mistake: "A late goodbye counts.".into(),
            expected: "presence/converges".into(),
            searches: vec![search("standard", false, standard), search("swarm", true, guided)],
            shrunk: has_found.then_some(shrunk),
        };
        PlantedReport { commit: "abc1234".into(), ranges: 3, most: 5_000, bugs: vec![bug], unmeasured: Vec::new() }
    }

    const CAUGHT: Option<&str> = Some("presence/converges");

    #[test]
    fn what_found_a_bug_stands_in_its_row() {
        let standard = [(12, CAUGHT), (3, CAUGHT), (40, Some("server/healthy"))];
        let text = plain(&planted(&report(&standard, &[(9, CAUGHT), (25, None), (30, CAUGHT)])));
        assert_eq!(
            text,
            "found   1 of 1 planted bug\n        \
             standard: 1 found; by the medians of their ranges, half of the bugs within 12 histories, the worst within 12\n        \
             swarm, guided: 1 found; by the medians of their ranges, half of the bugs within 30 histories, the worst within 30\n        \
             the best of them: 1 found; by the medians of their ranges, half of the bugs within 12 histories, the worst within 12\n        \
             shrinking: half of the finds within 90 runs, the worst within 90\n        \
             all searches together took 11.900 s of one core, besides building\n\n  \
             bug           caught by           standard          swarm, guided               steps  left  runs\n  \
             late-goodbye  presence/converges  12 (3..40) 1.2 s  30 (9..more than 25) 3.0 s  150    3     90\n\n\
             next    cargo sim planted --write\n"
        );
    }

    #[test]
    fn a_bug_that_nothing_found_is_named_first() {
        let text = plain(&planted(&report(&[(20, None), (21, None)], &[(20, None)])));
        assert!(text.starts_with("MISSED  0 of 1 planted bug: not late-goodbye\n"), "{text}");
        assert!(text.contains("nothing; expected presence/converges  none in 21  none in 20"), "{text}");
        assert!(text.ends_with("next    cargo sim planted --only late-goodbye --for 10m\n"), "{text}");
    }

    #[test]
    fn the_file_has_the_same_rows_and_tells_the_mistakes() {
        let text = scoreboard(&report(&[(12, Some("a/b")), (5, None), (6, None)], &[(20, None)]));
        assert!(text.contains("at commit abc1234"), "{text}");
        assert!(text.contains("| bug | caught by | standard | swarm, guided | steps | left | runs |\n|---|"), "{text}");
        let row =
            "| late-goodbye | a/b; expected presence/converges | (12..more than 6) | none in 20 | 150 | 3 | 90 |\n";
        assert!(text.contains(row), "{text}");
        assert!(text.ends_with("- **late-goodbye**: A late goodbye counts.\n"), "{text}");
    }
}
