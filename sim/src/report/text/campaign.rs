//! A campaign: its failures, or what held and what never happened, with a table of how often.

use std::fmt::Write;

use super::failure;
use super::own_error::own_error;
use super::recovery::recovery;
use super::requirements::requirements;
use super::style::{BAD, GOOD, LABEL, ODD, paint};
use super::table::{Align, Rows};
use crate::report::{CampaignReport, Conclusion, Summary};
use crate::words::amount;

/// The report of a campaign.
pub fn campaign(report: &CampaignReport) -> String {
    let mut text = String::new();
    for broken in &report.failures {
        text.push_str(&failure(broken));
        text.push('\n');
    }
    for error in &report.errors {
        text.push_str(&own_error(error));
        text.push('\n');
    }
    let summary = &report.summary;
    // Writing to a String cannot fail.
    let _ = writeln!(text, "{}", headline(report.conclusion, summary));
    text.push_str(&happened(summary));
    if !report.page.is_empty() {
        let _ = writeln!(text, "{}    {}", paint(LABEL, "page"), report.page);
    }
    let _ = writeln!(text, "{}    {}", paint(LABEL, "next"), next(report));
    text
}

/// What happened and what did not, with tables of how often.
pub(super) fn happened(summary: &Summary) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = writeln!(text, "{}   {}", paint(LABEL, "never"), never(summary));
    text.push('\n');
    text.push_str(&operations(summary).text());
    text.push('\n');
    text.push_str(&faults(summary).text());
    text.push('\n');
    if let Some(moments) = moments(summary) {
        text.push_str(&(moments.text() + "\n"));
    }
    text.push_str(&properties(summary).text());
    text.push('\n');
    if let Some(recovery) = recovery(&summary.recovery) {
        text.push_str(&(recovery.text() + "\n"));
    }
    text
}

/// How it ended, and of how much.
pub(in crate::report) fn headline(conclusion: Conclusion, summary: &Summary) -> String {
    let saved = match summary.saved {
        0 => String::new(),
        saved => format!("{saved} saved, then "),
    };
    let held = summary.properties.iter().filter(|tally| tally.held_runs > 0 && tally.violated_runs == 0).count();
    let ran = format!(
        "in {} ({saved}seeds {} of {})",
        amount(summary.runs, "history", "histories"),
        summary.seeds,
        summary.profile
    );
    match conclusion {
        Conclusion::Held => {
            format!("{}    {} {ran}", paint(GOOD, "held"), amount(held as u64, "property", "properties"))
        }
        Conclusion::Vacuous => format!(
            "{} {held} of {} properties had something to check {ran}, and held",
            paint(ODD, "vacuous"),
            summary.properties.len()
        ),
        Conclusion::Violated => {
            let broken: Vec<_> =
                summary.properties.iter().filter(|tally| tally.violated_runs > 0).map(|tally| &*tally.id).collect();
            format!("{}  {} {ran}", paint(BAD, "broken"), broken.join(", "))
        }
    }
}

fn never(summary: &Summary) -> String {
    let parts = nevers(summary).into_iter().map(|(names, what)| format!("{names} {what}")).collect::<Vec<_>>();
    match parts.is_empty() {
        true => "nothing: every operation succeeded, every fault fired, and every property had something to check"
            .to_owned(),
        false => parts.join("; "),
    }
}

/// What never happened, by how: the names of it, and what never became of them.
pub(in crate::report) fn nevers(summary: &Summary) -> Vec<(String, &'static str)> {
    let mut parts = Vec::new();
    let mut part = |names: Vec<&str>, what| {
        if !names.is_empty() {
            parts.push((names.join(", "), what));
        }
    };
    part(summary.never_done().map(|tally| &*tally.kind).collect(), "never done");
    part(summary.never_succeeded().map(|tally| &*tally.kind).collect(), "never succeeded");
    part(summary.never_fired().map(|tally| &*tally.kind).collect(), "never fired");
    part(summary.never_effective().map(|tally| &*tally.kind).collect(), "fired without effect");
    part(summary.never_came().map(|tally| &*tally.kind).collect(), "waited for in vain");
    part(summary.never_checked().map(|tally| &*tally.id).collect(), "had nothing to check");
    parts
}

/// How often each operation was done.
pub(in crate::report) fn operations(summary: &Summary) -> Rows<6> {
    let mut rows = vec![["operation", "done", "succeeded", "amid faults", "refused", "in runs"].map(str::to_owned)];
    for tally in &summary.operations {
        let counts = [tally.done, tally.succeeded, tally.amid_faults, tally.refused, tally.runs];
        let [done, succeeded, amid_faults, refused, runs] = counts.map(|count| count.to_string());
        rows.push([tally.kind.clone(), done, succeeded, amid_faults, refused, runs]);
    }
    let right = Align::Right;
    Rows { align: [Align::Left, right, right, right, right, right], rows }
}

/// How often each fault happened.
pub(in crate::report) fn faults(summary: &Summary) -> Rows<4> {
    let mut rows = vec![["fault", "fired", "effective", "in runs"].map(str::to_owned)];
    for tally in &summary.faults {
        let [fired, effective, runs] = [tally.fired, tally.effective, tally.runs].map(|count| count.to_string());
        rows.push([tally.kind.clone(), fired, effective, runs]);
    }
    Rows { align: [Align::Left, Align::Right, Align::Right, Align::Right], rows }
}

/// How often moments came that faults waited for; nothing where no fault did.
pub(in crate::report) fn moments(summary: &Summary) -> Option<Rows<3>> {
    if summary.moments.iter().all(|tally| tally.awaited == 0) {
        return None;
    }
    let mut rows = vec![["moment", "awaited", "came"].map(str::to_owned)];
    for tally in &summary.moments {
        rows.push([tally.kind.clone(), tally.awaited.to_string(), tally.came.to_string()]);
    }
    Some(Rows { align: [Align::Left, Align::Right, Align::Right], rows })
}

/// How each property fared.
pub(in crate::report) fn properties(summary: &Summary) -> Rows<6> {
    let mut rows = vec![["property", "proves", "checked", "held in", "vacuous in", ""].map(str::to_owned)];
    for tally in &summary.properties {
        let [checked, held, vacuous] =
            [tally.checked, tally.held_runs, tally.vacuous_runs].map(|count| count.to_string());
        // Why matters only where there was nothing at all.
        let reason = tally.vacuous_reason.clone().filter(|_| tally.checked == 0).unwrap_or_default();
        rows.push([tally.id.clone(), requirements(&tally.requirements), checked, held, vacuous, reason]);
    }
    Rows { align: [Align::Left, Align::Left, Align::Right, Align::Right, Align::Right, Align::Left], rows }
}

/// The command to type next, and what for.
pub(in crate::report) fn next(report: &CampaignReport) -> String {
    let Summary { seeds, profile, .. } = &report.summary;
    if let Some(error) = report.errors.first() {
        return format!("RUST_BACKTRACE=1 cargo sim replay {}", error.file);
    }
    match (report.conclusion, report.failures.first()) {
        (Conclusion::Violated, Some(failure)) => format!("cargo sim replay {}", failure.file),
        (Conclusion::Vacuous, _) if seeds.count() == 1 => {
            format!("cargo sim replay {} --profile {profile}      (to see what was missing)", seeds.at(0))
        }
        _ => format!("cargo sim run --seeds {} --profile {profile}      (more of the same)", seeds.next()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::plain;
    use super::*;
    use crate::report::recovery::RecoveryTable;
    use crate::report::summary::{FaultTally, OperationTally, PropertyTally};

    fn report(conclusion: Conclusion, vacuous_runs: u64, fired: u64) -> CampaignReport {
        let property = PropertyTally {
            id: "ordering/gapless".into(),
            requirements: vec!["CG-2".into(), "CG-3".into()],
            checked: (3 - vacuous_runs) * 100,
            held_runs: 3 - vacuous_runs,
            violated_runs: 0,
            vacuous_runs,
            vacuous_reason: Some("nobody read".into()),
        };
        let summary = Summary {
            profile: "calm".into(),
            seeds: "5..7".parse().unwrap(),
            runs: 3,
            saved: 1,
            simulated_ms: 0,
            properties: vec![property],
            operations: vec![OperationTally {
                kind: "send".into(),
                done: 9,
                succeeded: 8,
                refused: 1,
                amid_faults: 3,
                runs: 2,
            }],
            faults: vec![FaultTally { kind: "cut".into(), fired, effective: fired, runs: fired }],
            moments: vec![],
            recovery: RecoveryTable::default(),
            fingerprint: String::new(),
        };
        CampaignReport { conclusion, summary, failures: vec![], errors: vec![], page: String::new() }
    }

    #[test]
    fn a_pass_says_what_held_and_what_never_happened() {
        let text = plain(&campaign(&report(Conclusion::Held, 1, 0)));
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines[0], "held    1 property in 3 histories (1 saved, then seeds 5..7 of calm)");
        assert_eq!(lines[1], "never   cut never fired");
        assert_eq!(lines[4], "  send          9          8            3        1        2");
        assert_eq!(lines[7], "  cut        0          0        0");
        assert_eq!(lines[10], "  ordering/gapless  CG-2, CG-3      200        2           1");
        assert!(lines[12].starts_with("next    cargo sim run --seeds 7..9 --profile calm"), "{text}");
    }

    #[test]
    fn nothing_to_check_is_said_plainly() {
        let text = plain(&campaign(&report(Conclusion::Vacuous, 3, 2)));
        assert!(text.starts_with("vacuous 0 of 1 properties had something to check in 3 histories"), "{text}");
        assert!(text.contains("never   ordering/gapless had nothing to check\n"), "{text}");
        assert!(text.contains("nobody read"), "{text}");
    }
}
