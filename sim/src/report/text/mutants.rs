//! The mutation score, for a terminal and for the file that is committed.

use std::fmt::Write;

use super::style::{BAD, GOOD, LABEL, ODD, STRONG, paint};
use super::{Align, table};
use crate::report::MutantsReport;
use crate::report::mutants::{AreaReport, BOUND_PERCENT, MutantReport};
use crate::words::{amount, seconds};

/// The score, its table, and every mutant that nobody noticed.
pub fn mutants(report: &MutantsReport) -> String {
    let total = report.total();
    let head = match total.score_permille() {
        None => paint(ODD, "none measured"),
        Some(_) if report.is_good() => format!("{}   {}", paint(GOOD, "good"), score(&total)),
        Some(_) => format!("{}    {}", paint(BAD, "BAD"), score(&total)),
    };
    let mut text = format!("{head}\n");
    // Writing to a String cannot fail.
    for line in summary(report) {
        let _ = writeln!(text, "       {line}");
    }
    let align = [
        Align::Left,
        Align::Right,
        Align::Right,
        Align::Right,
        Align::Right,
        Align::Right,
        Align::Right,
        Align::Right,
        Align::Right,
    ];
    let _ = write!(text, "\n{}", table(align, &rows(report)));
    for MutantReport { name, reached, difference } in &report.survivors {
        let _ = writeln!(text, "\n{}  {name}", paint(STRONG, "survived"));
        if !reached {
            text.push_str("    no history and no test comes there\n");
        }
        difference.iter().for_each(|line| text.push_str(&format!("    {line}\n")));
    }
    for equivalent in &report.refuted {
        let _ = writeln!(text, "\n{}  {}", paint(BAD, "refuted"), equivalent.name);
        let _ = writeln!(text, "    it is listed as equivalent, and was noticed by {}", equivalent.because);
    }
    let next = match report.survivors.first() {
        Some(survivor) => format!("cargo sim mutants --only '{}'", place(&survivor.name)),
        None => "cargo sim mutants --write".to_owned(),
    };
    let _ = writeln!(text, "\n{}   {next}", paint(LABEL, "next"));
    text
}

/// The score as the file `sim/mutants/SCORE.md`.
pub fn mutation_score(report: &MutantsReport) -> String {
    let mut text = format!(
        "# Mutation score\n\n\
         Written by `cargo sim mutants --write` at commit {}; do not edit. [docs/mutants.md](../../docs/mutants.md) says what\n\
         is counted and how. What is listed as equivalent stands in [equivalent.toml](equivalent.toml).\n\n",
        report.commit
    );
    // Writing to a String cannot fail.
    let _ = writeln!(text, "- **{}**", score(&report.total()));
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
    if !report.survivors.is_empty() {
        text.push_str("\nSurvived:\n\n");
    }
    for MutantReport { name, reached, difference } in &report.survivors {
        let reached = if *reached { "" } else { ": no history and no test comes there" };
        let _ = writeln!(text, "- `{name}`{reached}\n\n  ```diff\n  {}\n  ```", difference.join("\n  "));
    }
    if !report.equivalents.is_empty() {
        text.push_str("\nEquivalent:\n\n");
    }
    for equivalent in &report.equivalents {
        let _ = writeln!(text, "- `{}`: {}", equivalent.name, equivalent.because);
    }
    text
}

fn score(total: &AreaReport) -> String {
    let permille = total.score_permille().unwrap_or_default();
    let (noticed, noticeable) = (total.noticed(), total.noticeable());
    format!(
        "{}.{} % ({noticed} of {noticeable}); at least {BOUND_PERCENT} % are expected",
        permille / 10,
        permille % 10
    )
}

/// What all of it comes to.
fn summary(report: &MutantsReport) -> Vec<String> {
    let AreaReport {
        listed, viable, unviable, not_switchable, measured, simulation, tests, equivalent, survived, ..
    } = report.total();
    let mut lines = vec![
        format!("{} listed: {viable} viable, {unviable} unviable, {not_switchable} not switchable", mutants_of(listed)),
        format!(
            "{measured} run: {simulation} noticed by the simulation, {tests} by the server's tests, {equivalent} equivalent, {survived} survived"
        ),
    ];
    if let Some(sample) = &report.sample {
        lines.push(format!("a sample of {}, drawn by seed {}", mutants_of(sample.size), sample.seed));
    }
    if let Some(only) = &report.only {
        lines.push(format!("only those whose names contain `{only}`"));
    }
    if report.unmeasured > 0 {
        lines.push(format!("{} not run: the time was up; the same command goes on", mutants_of(report.unmeasured)));
    }
    if let Some(each) = report.took_ms.checked_div(measured) {
        lines.push(format!("{} for each, one after another, besides building", seconds(each)));
    }
    let mut noticed: Vec<_> = report.noticed_by.iter().collect();
    noticed.sort_by(|one, other| other.1.cmp(one.1).then(one.0.cmp(other.0)));
    if !noticed.is_empty() {
        let most: Vec<_> = noticed.iter().take(5).map(|(by, count)| format!("{by} {count}")).collect();
        lines.push(format!("noticed first, and most often, by: {}", most.join(", ")));
    }
    lines
}

fn rows(report: &MutantsReport) -> Vec<[String; 9]> {
    let head = ["area", "viable", "unviable", "not switchable", "run", "simulation", "tests", "equivalent", "survived"];
    let row = |area: &AreaReport| {
        let AreaReport { viable, unviable, not_switchable, measured, simulation, tests, equivalent, survived, .. } =
            area;
        let counts = [viable, unviable, not_switchable, measured, simulation, tests, equivalent, survived];
        let mut cells = counts.into_iter().map(u64::to_string);
        std::array::from_fn(|column| if column == 0 { area.name.clone() } else { cells.next().unwrap_or_default() })
    };
    let mut rows = vec![head.map(str::to_owned)];
    rows.extend(report.areas.iter().map(row));
    rows.push(row(&report.total()));
    rows
}

/// A name up to its change: file, line and column.
fn place(name: &str) -> &str {
    name.split_once(": ").map_or(name, |(place, _)| place)
}

fn mutants_of(count: u64) -> String {
    amount(count, "mutant", "mutants")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::plain;
    use super::*;
    use crate::report::mutants::{EquivalentReport, SampleReport};

    fn report(survived: u64) -> MutantsReport {
        let store = AreaReport {
            listed: 30,
            unviable: 8,
            not_switchable: 2,
            viable: 20,
            measured: 11,
            simulation: 8 - survived,
            tests: 2,
            equivalent: 1,
            survived,
            ..AreaReport::new("store")
        };
        let survivor = MutantReport {
            name: "system/src/store/view.rs:12:5: replace == with != in f".into(),
            reached: true,
            difference: vec!["- a == b".into(), "+ a != b".into()],
        };
        let equivalent =
            EquivalentReport { name: "system/src/store/log.rs:1:1: delete !".into(), because: "It is.".into() };
        MutantsReport {
            commit: "abc1234".into(),
            sample: Some(SampleReport { size: 11, seed: 1 }),
            only: None,
            areas: vec![store, AreaReport::new("hub")],
            noticed_by: BTreeMap::from([("a/b".into(), 3), ("c/d".into(), 5), ("sockets: e".into(), 2)]),
            survivors: vec![survivor; usize::try_from(survived).unwrap()],
            equivalents: vec![equivalent],
            refuted: Vec::new(),
            unmeasured: 0,
            took_ms: 22_000,
        }
    }

    #[test]
    fn a_good_score_tells_what_it_is_made_of() {
        assert_eq!(
            plain(&mutants(&report(0))),
            "good   100.0 % (10 of 10); at least 85 % are expected\n       \
             30 mutants listed: 20 viable, 8 unviable, 2 not switchable\n       \
             11 run: 8 noticed by the simulation, 2 by the server's tests, 1 equivalent, 0 survived\n       \
             a sample of 11 mutants, drawn by seed 1\n       \
             2.000 s for each, one after another, besides building\n       \
             noticed first, and most often, by: c/d 5, a/b 3, sockets: e 2\n\n  \
             area   viable  unviable  not switchable  run  simulation  tests  equivalent  survived\n  \
             store      20         8               2   11           8      2           1         0\n  \
             hub         0         0               0    0           0      0           0         0\n  \
             all        20         8               2   11           8      2           1         0\n\n\
             next   cargo sim mutants --write\n"
        );
    }

    #[test]
    fn a_survivor_is_shown_with_what_it_changes_and_how_to_run_it_again() {
        let text = plain(&mutants(&report(2)));
        assert!(text.starts_with("BAD    80.0 % (8 of 10); at least 85 % are expected\n"), "{text}");
        let survivor =
            "\nsurvived  system/src/store/view.rs:12:5: replace == with != in f\n    - a == b\n    + a != b\n";
        assert!(text.contains(survivor), "{text}");
        assert!(text.ends_with("\nnext   cargo sim mutants --only 'system/src/store/view.rs:12:5'\n"), "{text}");
    }

    #[test]
    fn a_survivor_that_nothing_reaches_is_told_as_such() {
        let mut report = report(1);
        report.survivors[0].reached = false;
        let told = "in f\n    no history and no test comes there\n    - a == b\n";
        assert!(plain(&mutants(&report)).contains(told), "{}", mutants(&report));
        assert!(mutation_score(&report).contains("in f`: no history and no test comes there\n"));
    }

    #[test]
    fn what_was_said_wrongly_of_a_mutant_is_told() {
        let mut report = report(0);
        report.refuted = vec![EquivalentReport { name: "x.rs:1:1: delete !".into(), because: "a/b".into() }];
        let text = plain(&mutants(&report));
        assert!(text.starts_with("BAD"), "{text}");
        assert!(
            text.contains("refuted  x.rs:1:1: delete !\n    it is listed as equivalent, and was noticed by a/b\n"),
            "{text}"
        );
    }

    #[test]
    fn the_file_has_the_same_rows_and_tells_survivors_and_equivalents() {
        let text = mutation_score(&report(1));
        assert!(text.contains("at commit abc1234"), "{text}");
        assert!(
            text.contains("| area | viable | unviable |")
                && text.contains("| store | 20 | 8 | 2 | 11 | 7 | 2 | 1 | 1 |"),
            "{text}"
        );
        assert!(text.contains("  ```diff\n  - a == b\n  + a != b\n  ```\n"), "{text}");
        assert!(text.ends_with("- `system/src/store/log.rs:1:1: delete !`: It is.\n"), "{text}");
    }
}
