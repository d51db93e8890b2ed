//! What a suite of scenarios has shown, for people.

use std::fmt::Write;

use super::style::{BAD, GOOD, LABEL, ODD, STRONG, paint};
use super::table::{Align, table};
use crate::scenarios::SuiteReport;
use crate::scenarios::coverage::Coverage;
use crate::scenarios::model::{ErrorDetails, Metric, MetricKind, ScenarioResult, Status};

/// How many that are missing are named of one kind; the rest is counted.
const NAMED: usize = 12;

/// The report of a suite: what did not pass, what is not covered, and the figures that missed their bounds.
pub fn scenarios(report: &SuiteReport) -> String {
    let mut text = String::new();
    let mut category = None;
    for result in &report.results {
        if category.replace(result.category) != Some(result.category) {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{}", paint(STRONG, result.category));
        }
        line(&mut text, result);
    }
    text.push('\n');
    for result in report.results.iter().filter(|result| result.error.is_some()) {
        text.push_str(&scenario_failure(result));
        text.push('\n');
    }
    coverage(&mut text, &report.coverage, report.is_whole);
    figures(&mut text, report);
    let mut counts: Vec<String> = Status::ALL
        .into_iter()
        .map(|status| (status, report.count(status)))
        .filter(|(_, count)| *count > 0)
        .map(|(status, count)| format!("{count} {status}"))
        .collect();
    if report.missing() > 0 {
        counts.push(format!("{} not covered", report.missing()));
    }
    let counts = counts.join(", ");
    let (style, word) = if report.passed() { (GOOD, "PASSED") } else { (BAD, "FAILED") };
    let _ = writeln!(text, "{}  {counts}   {}", paint(style, word), paint(LABEL, report.place));
    let _ = writeln!(text, "{}  {}", paint(LABEL, "next"), next(report));
    text
}

fn line(text: &mut String, result: &ScenarioResult) {
    let (style, note) = match result.status() {
        Status::Passed if result.passed_on_retry => (ODD, format!("on attempt {}", result.attempts)),
        Status::Passed => (GOOD, String::new()),
        Status::Skipped => (ODD, result.skipped_because.clone().unwrap_or_default()),
        _ => (BAD, String::new()),
    };
    let seconds = if result.status() == Status::Skipped {
        String::new()
    } else {
        format!("{:>9.3} s", result.duration_ms as f64 / 1_000.0)
    };
    let requirements = result.requirements.join(", ");
    let status = paint(style, format!("{:<7}", result.status()));
    let tail = if note.is_empty() { String::new() } else { format!("   {note}") };
    let line =
        format!("  {status} {seconds:>11}  {}  {}{tail}", result.scenario, paint(LABEL, format!("[{requirements}]")));
    let _ = writeln!(text, "{}", line.trim_end());
}

/// Why a scenario did not pass: all that was not as expected, where and when, and how to see it again; nothing of one that
/// passed.
pub fn scenario_failure(result: &ScenarioResult) -> String {
    let mut text = String::new();
    let Some(ErrorDetails { what, place, at_ms, correlation_id, reproduce, .. }) = &result.error else { return text };
    let _ = writeln!(text, "{}  {}   {}", paint(BAD, "FAILED"), paint(STRONG, result.scenario), result.name);
    let _ = writeln!(text, "  {what}");
    let failed = result.validations.iter().filter(|validation| !validation.passed);
    for validation in failed {
        let _ = writeln!(text, "  {}  {}", paint(BAD, "not so"), validation.what);
        let _ = writeln!(text, "    expected  {}", validation.expected);
        let _ = writeln!(text, "    observed  {}", validation.observed);
        let _ = writeln!(text, "    at        {}", validation.place);
    }
    let place = place.as_deref().unwrap_or("an unknown place");
    let name = correlation_id.as_ref().map_or_else(String::new, |name| format!(", after {name}"));
    let _ = writeln!(text, "  {}  {place}, {:.3} s{name}", paint(LABEL, "where"), *at_ms as f64 / 1_000.0);
    let _ = writeln!(text, "  {}  {reproduce}", paint(LABEL, "again"));
    text
}

fn coverage(text: &mut String, coverage: &Coverage, is_whole: bool) {
    let heading = if is_whole { "coverage" } else { "coverage of what ran" };
    let _ = writeln!(text, "{}", paint(STRONG, heading));
    let rows: Vec<_> =
        coverage.rows.iter().map(|row| [row.kind.to_owned(), format!("{}/{}", row.covered, row.total)]).collect();
    text.push_str(&table([Align::Left, Align::Right], &rows));
    if is_whole {
        for row in coverage.rows.iter().filter(|row| !row.missing.is_empty()) {
            let _ = writeln!(text, "  {}", paint(BAD, format!("{} that no scenario exercised", row.kind)));
            for missing in row.missing.iter().take(NAMED) {
                let _ = writeln!(text, "    {missing}");
            }
            if row.missing.len() > NAMED {
                let _ = writeln!(text, "    and {} more: --json names them all", row.missing.len() - NAMED);
            }
        }
    }
    for undocumented in &coverage.undocumented {
        let _ = writeln!(text, "  {}  {undocumented}", paint(BAD, "answered, and documented nowhere"));
    }
    for excused in &coverage.excused {
        let _ = writeln!(text, "  {}  {}: {}", paint(LABEL, "cannot be provoked"), excused.what, excused.because);
    }
    text.push('\n');
}

fn figures(text: &mut String, report: &SuiteReport) {
    let all = || report.results.iter().flat_map(|result| result.metrics.iter().map(move |metric| (result, metric)));
    let mut rows = Vec::new();
    for (kind, name) in [
        (MetricKind::ApiResponse, "slowest answer"),
        (MetricKind::WebsocketDelivery, "slowest delivery"),
        (MetricKind::Memory, "most memory beyond the baseline"),
        (MetricKind::Cpu, "busiest"),
    ] {
        let of_kind = all().filter(|(_, metric)| metric.kind == kind);
        let worst = of_kind.max_by(|(_, one), (_, other)| one.value.total_cmp(&other.value));
        let Some((result, metric)) = worst else { continue };
        rows.push([name.to_owned(), figure(metric), metric.operation.clone(), result.scenario.to_owned()]);
    }
    if !rows.is_empty() {
        let _ = writeln!(text, "{}", paint(STRONG, "figures"));
        text.push_str(&table([Align::Left, Align::Right, Align::Left, Align::Left], &rows));
        text.push('\n');
    }
}

fn figure(metric: &Metric) -> String {
    match metric.kind {
        MetricKind::ApiResponse | MetricKind::WebsocketDelivery => format!("{:.1} ms", metric.value),
        MetricKind::Memory => format!("{:.1} MiB", metric.value / f64::from(1 << 20)),
        MetricKind::Cpu => format!("{:.0} %", metric.value),
    }
}

fn next(report: &SuiteReport) -> String {
    let failed = report.results.iter().find_map(|result| result.error.as_ref());
    match failed {
        Some(error) => error.reproduce.clone(),
        None if report.is_whole => "cargo sim scenarios --against own".to_owned(),
        None => "cargo sim scenarios".to_owned(),
    }
}
