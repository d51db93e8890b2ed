//! How long devices took to find back, by kind of fault.

use super::table::{Align, Rows};
use crate::report::recovery::{RecoveryRow, RecoveryTable, RunName};
use crate::words::seconds;

/// The table, or nothing where nobody had to find back.
pub(in crate::report) fn recovery(report: &RecoveryTable) -> Option<Rows<6>> {
    let faults = || report.by_fault.iter().map(|fault| &fault.row);
    if report.after_heal.samples + report.without_fault.samples + faults().map(|row| row.samples).sum::<u64>() == 0 {
        return None;
    }
    let mut rows = vec![["recovery from", "samples", "p50", "p99", "max", "worst in"].map(str::to_owned)];
    rows.push(line("(the heal)", &report.after_heal));
    rows.extend(report.by_fault.iter().map(|fault| line(&fault.kind, &fault.row)));
    rows.push(line("(no fault)", &report.without_fault));
    let right = Align::Right;
    Some(Rows { align: [Align::Left, right, right, right, right, Align::Left], rows })
}

fn line(what: &str, row: &RecoveryRow) -> [String; 6] {
    let time = |ms: Option<u64>| ms.map_or_else(|| "-".to_owned(), seconds);
    let worst = row.worst.as_ref().map_or_else(
        || "no samples".to_owned(),
        |worst| match &worst.run {
            RunName::Seed(seed) => format!("seed {seed}, {}", worst.device),
            RunName::Saved(file) => format!("{file}, {}", worst.device),
        },
    );
    [what.to_owned(), row.samples.to_string(), time(row.p50_ms), time(row.p99_ms), time(row.max_ms), worst]
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::recovery::Recovery;
    use crate::report::recovery::Recoveries;

    #[test]
    fn each_kind_has_its_line_and_the_worst_is_named() {
        let mut recoveries = Recoveries::default();
        let mut count = |run, after_ms, from: &[&'static str], is_after_heal| {
            let from = BTreeSet::from_iter(from.iter().copied());
            let device = "ana/phone".to_owned();
            recoveries.count(&run, &Recovery { device, after_ms, is_after_heal, was_in_step: false, from });
        };
        count(RunName::Seed(7), 1_200, &["cut"], true);
        count(RunName::Saved("old.json".into()), 400, &[], false);
        assert_eq!(
            recovery(&recoveries.table(["cut", "stall"])).unwrap().text(),
            "  recovery from  samples      p50      p99      max  worst in\n  \
             (the heal)           1  1.200 s  1.200 s  1.200 s  seed 7, ana/phone\n  \
             cut                  1  1.200 s  1.200 s  1.200 s  seed 7, ana/phone\n  \
             stall                0        -        -        -  no samples\n  \
             (no fault)           1  0.400 s  0.400 s  0.400 s  old.json, ana/phone\n"
        );
        assert_eq!(recovery(&RecoveryTable::default()), None);
    }
}
