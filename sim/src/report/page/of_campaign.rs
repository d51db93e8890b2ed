//! The page of a campaign: its failures with their timelines, then everything that was counted.

use super::model::{Cell, Command, Fact, Page, ShownRun, Table, Verdict};
use super::of_run::shown;
use crate::report::text::{self, Align, Rows, plain};
use crate::report::{CampaignReport, Conclusion, FailureReport};

use properties::trace::Trace;

/// How many failures are shown with their timelines: a page that cannot be opened shows none.
const MOST_RUNS: usize = 8;

/// The page of a campaign. `traces` are those of its failures, in their order.
pub fn campaign(report: &CampaignReport, traces: &[Trace]) -> Page {
    let summary = &report.summary;
    let runs: Vec<ShownRun> =
        report.failures.iter().zip(traces).take(MOST_RUNS).map(|(failure, trace)| shown(failure, trace)).collect();
    let mut facts = vec![Fact { name: "simulated", value: crate::words::seconds(summary.simulated_ms) }];
    if report.failures.len() > runs.len() {
        let value = format!("{} of {} failures; the others are in the table", runs.len(), report.failures.len());
        facts.push(Fact { name: "timelines of", value });
    }
    let mut tables = Vec::new();
    if !report.failures.is_empty() {
        tables.push(failures(&report.failures));
    }
    if !report.errors.is_empty() {
        tables.push(errors(report));
    }
    tables.extend(never(&text::nevers(summary)));
    tables.push(properties(report));
    tables.extend(
        text::recovery(&summary.recovery).map(|rows| table("Recovery: how long devices took to find back", rows)),
    );
    tables.push(table("Operations: what users did", text::operations(summary)));
    tables.push(table("Faults: what went wrong", text::faults(summary)));
    tables.extend(text::moments(summary).map(|rows| table("Moments that faults waited for", rows)));
    let said = plain(&text::headline(report.conclusion, summary));
    let next = plain(&text::next(report));
    let (line, note) = next.split_once("      ").map_or((next.as_str(), None), |(line, note)| (line, Some(note)));
    let note = note.map(|note| note.trim_matches(['(', ')']).to_owned());
    Page {
        title: format!("Campaign of {}", summary.profile),
        verdict: if report.errors.is_empty() { report.conclusion.into() } else { Verdict::Odd },
        // The word stands before it already.
        lead: said.split_once(' ').map_or(said.as_str(), |(_, rest)| rest.trim_start()).to_owned(),
        facts,
        commands: vec![Command { label: "next", line: line.to_owned(), note }],
        runs,
        tables,
    }
}

fn table<const COLUMNS: usize>(title: &'static str, rows: Rows<COLUMNS>) -> Table {
    let Rows { align, rows } = rows;
    let mut rows = rows.into_iter();
    let heads = rows.next().unwrap_or_else(|| std::array::from_fn(|_| String::new()));
    let columns = heads.into_iter().zip(align).map(|(head, align)| (head, align == Align::Right)).collect();
    Table { title, columns, rows: rows.map(|row| row.map(Cell::plain).to_vec()).collect() }
}

/// The properties, each with the worst that happened to it.
fn properties(report: &CampaignReport) -> Table {
    let mut properties = table("Properties: what must always hold", text::properties(&report.summary));
    for (row, tally) in properties.rows.iter_mut().zip(&report.summary.properties) {
        row[0].verdict = Some(match (tally.violated_runs, tally.checked) {
            (1.., _) => Conclusion::Violated.into(),
            (0, 0) => Conclusion::Vacuous.into(),
            (0, _) => Conclusion::Held.into(),
        });
    }
    properties
}

fn failures(failures: &[FailureReport]) -> Table {
    let heads = ["property", "seed", "steps", "observed", "replay"];
    let row = |failure: &FailureReport| {
        let property = Cell { text: failure.property.clone(), verdict: Some(Verdict::Bad) };
        let rest = [
            failure.seed.to_string(),
            failure.steps_left.to_string(),
            failure.violation.observed.clone(),
            format!("cargo sim replay {}", failure.file),
        ];
        [property].into_iter().chain(rest.map(Cell::plain)).collect()
    };
    Table {
        title: "Failures",
        columns: heads.map(|head| (head.to_owned(), head == "seed" || head == "steps")).to_vec(),
        rows: failures.iter().map(row).collect(),
    }
}

/// A hole of the campaign: nobody should take it for a pass.
fn never(parts: &[(String, &'static str)]) -> Option<Table> {
    let row = |(names, what): &(String, &'static str)| {
        vec![Cell { text: (*what).to_owned(), verdict: Some(Verdict::Odd) }, Cell::plain(names.clone())]
    };
    (!parts.is_empty()).then(|| Table {
        title: "What never happened",
        columns: ["what", "of"].map(|head| (head.to_owned(), false)).to_vec(),
        rows: parts.iter().map(row).collect(),
    })
}

fn errors(report: &CampaignReport) -> Table {
    let row = |error: &crate::report::OwnError| {
        let cells = [&error.panicked, &error.message, &error.file];
        cells.into_iter().map(|text| Cell { text: text.clone(), verdict: Some(Verdict::Odd) }).collect()
    };
    Table {
        title: "Runs that nobody judged: our own code panicked",
        columns: ["panicked", "said", "history"].map(|head| (head.to_owned(), false)).to_vec(),
        rows: report.errors.iter().map(row).collect(),
    }
}
