//! The scoreboard of planted bugs, for a terminal and for the file that is committed.

use std::fmt::Write;

use super::style::{BAD, GOOD, LABEL, paint};
use super::table::{Align, table};
use crate::report::PlantedReport;
use crate::report::planted::{BugReport, FindReport, SearchReport, Spread};
use crate::words::amount;

/// The scoreboard.
pub fn planted(report: &PlantedReport) -> String {
    let missed: Vec<_> = report.missed().map(|bug| bug.name.as_str()).collect();
    let all = report.bugs.len();
    let found = format!("{} of {} (seeds {} of each profile)", all - missed.len(), bugs(all), report.seeds);
    let mut text = match missed.is_empty() {
        true => format!("{}   {found}\n", paint(GOOD, "found")),
        false => format!("{}  {found}: not {}\n", paint(BAD, "MISSED"), missed.join(", ")),
    };
    // Writing to a String cannot fail.
    if let Some(Spread { median, most }) = report.shrink_runs {
        let _ = writeln!(
            text,
            "{}  half of the histories took at most {median} runs, none more than {most}",
            paint(LABEL, "shrunk")
        );
    }
    text.push('\n');
    let head = ["bug", "profile", "caught by", "expected", "seed", "histories", "steps", "left", "runs"];
    let mut rows = vec![head.map(str::to_owned)];
    for (bug, search) in searches(report) {
        rows.push(cells(bug, search));
    }
    let (left, right) = (Align::Left, Align::Right);
    text.push_str(&table([left, left, left, left, right, right, right, right, right], &rows));
    let next = match missed.first() {
        None => "cargo sim planted --write".to_owned(),
        Some(missed) => format!("cargo sim planted --only {missed} --seeds {}", report.seeds.next()),
    };
    let _ = writeln!(text, "\n{}    {next}", paint(LABEL, "next"));
    text
}

/// The scoreboard as the file `sim/planted/SCOREBOARD.md`.
pub fn scoreboard(report: &PlantedReport) -> String {
    let mut text = format!(
        "# Scoreboard of planted bugs\n\n\
         Written by `cargo sim planted --write`; do not edit. Each bug is a mistake that a good engineer could make, as a\n\
         patch against `system/` beside this file. It was searched for with seeds {} of each profile, as if nobody\n\
         knew of it: *histories* were run until one broke a property, which was then shrunk from *steps* to *left* by\n\
         *runs* histories more. Seeds are good at commit {} only.\n\n",
        report.seeds, report.commit
    );
    // Writing to a String cannot fail.
    if let Some(Spread { median, most }) = report.shrink_runs {
        let _ =
            writeln!(text, "Half of the histories were shrunk by at most {median} runs, none by more than {most}.\n");
    }
    text.push_str("| bug | profile | caught by | expected | seed | histories | steps | left | runs |\n");
    text.push_str("|---|---|---|---|---:|---:|---:|---:|---:|\n");
    for (bug, search) in searches(report) {
        let _ = writeln!(text, "| {} |", cells(bug, search).join(" | "));
    }
    text.push('\n');
    for bug in &report.bugs {
        let _ = writeln!(text, "- **{}**: {}", bug.name, bug.mistake);
    }
    text
}

fn searches(report: &PlantedReport) -> impl Iterator<Item = (&BugReport, &SearchReport)> {
    report.bugs.iter().flat_map(|bug| bug.searches.iter().map(move |search| (bug, search)))
}

fn cells(bug: &BugReport, search: &SearchReport) -> [String; 9] {
    let names = [bug.name.clone(), search.profile.clone()];
    let found = match &search.found {
        None => ["not found".to_owned(), bug.expected.clone(), "".into(), "".into(), "".into(), "".into(), "".into()],
        Some(find) => {
            let FindReport { seed, histories, broken, steps, steps_left, shrink_runs, finished } = find;
            let caught = broken.first().cloned().unwrap_or_default();
            let expected = match () {
                () if caught == bug.expected => "the same".to_owned(),
                () if find.has_broken(&bug.expected) => format!("{}, broken too", bug.expected),
                () => bug.expected.clone(),
            };
            // A number that a bound cut short is none that could be compared.
            let runs = if *finished { shrink_runs.to_string() } else { format!("{shrink_runs} and more") };
            [caught, expected, seed.to_string(), histories.to_string(), steps.to_string(), steps_left.to_string(), runs]
        }
    };
    let mut cells = names.into_iter().chain(found);
    std::array::from_fn(|_| cells.next().unwrap_or_default())
}

fn bugs(count: usize) -> String {
    amount(count as u64, "planted bug", "planted bugs")
}

#[cfg(test)]
mod tests {
    use super::super::plain;
    use super::*;

    fn find(broken: &[&str]) -> FindReport {
        FindReport {
            seed: 7,
            histories: 8,
            broken: broken.iter().map(|id| (*id).to_owned()).collect(),
            steps: 150,
            steps_left: 3,
            shrink_runs: 90,
            finished: true,
        }
    }

    fn report(found: Vec<Option<FindReport>>) -> PlantedReport {
        let search = |(found, profile): (_, &str)| SearchReport { profile: profile.to_owned(), found };
        let bug = BugReport {
            name: "late-goodbye".into(),
            mistake: "A late goodbye counts.".into(),
            expected: "presence/converges".into(),
            searches: found.into_iter().zip(["standard", "swarm"]).map(search).collect(),
        };
        PlantedReport::new("abc".into(), "0..100".parse().unwrap(), vec![bug])
    }

    #[test]
    fn what_found_a_bug_stands_in_its_row() {
        let text = plain(&planted(&report(vec![
            Some(find(&["presence/converges"])),
            Some(FindReport { finished: false, ..find(&["server/healthy", "presence/converges"]) }),
        ])));
        assert_eq!(
            text,
            "found   1 of 1 planted bug (seeds 0..100 of each profile)\n\
             shrunk  half of the histories took at most 90 runs, none more than 90\n\n  \
             bug           profile   caught by           expected                        seed  histories  steps  left         runs\n  \
             late-goodbye  standard  presence/converges  the same                           7          8    150     3           90\n  \
             late-goodbye  swarm     server/healthy      presence/converges, broken too     7          8    150     3  90 and more\n\n\
             next    cargo sim planted --write\n"
        );
    }

    #[test]
    fn a_bug_that_nothing_found_is_named_first() {
        let text = plain(&planted(&report(vec![None, None])));
        assert!(
            text.starts_with("MISSED  0 of 1 planted bug (seeds 0..100 of each profile): not late-goodbye\n"),
            "{text}"
        );
        assert!(text.ends_with("next    cargo sim planted --only late-goodbye --seeds 100..200\n"), "{text}");
        assert!(plain(&planted(&report(vec![None, Some(find(&["a/b"]))]))).starts_with("found "));
    }

    #[test]
    fn the_file_has_the_same_rows_and_tells_the_mistakes() {
        let text = scoreboard(&report(vec![Some(find(&["a/b"])), None]));
        assert!(
            text.contains("| late-goodbye | standard | a/b | presence/converges | 7 | 8 | 150 | 3 | 90 |\n"),
            "{text}"
        );
        assert!(text.contains("| late-goodbye | swarm | not found | presence/converges |  |"), "{text}");
        assert!(text.ends_with("- **late-goodbye**: A late goodbye counts.\n"), "{text}");
    }
}
