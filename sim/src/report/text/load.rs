//! Figures of the real server under load.

use std::fmt::Write;

use super::style::{BAD, GOOD, LABEL, STRONG, paint};
use super::table::{Align, table};
use crate::load::{Bound, BoundKind, Figure, LoadReport};

/// The report of a load: each figure beside its bound.
pub fn load(report: &LoadReport) -> String {
    let mut text = String::new();
    for part in &report.parts {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{}   {}", paint(STRONG, part.part.to_uppercase()), part.what);
        let rows: Vec<_> = part.figures.iter().map(row).collect();
        for (line, figure) in
            table([Align::Left, Align::Right, Align::Left, Align::Left], &rows).lines().zip(&part.figures)
        {
            let line = match (figure.bound, figure.within()) {
                (None, _) => line.to_owned(),
                (Some(_), true) => paint(GOOD, line),
                (Some(_), false) => paint(BAD, line),
            };
            let _ = writeln!(text, "{line}");
            if let Some(percentiles) = figure.percentiles {
                let _ = writeln!(text, "    {}", paint(LABEL, percentiles));
            }
        }
        text.push('\n');
    }
    let _ = writeln!(text, "{}  {}", paint(LABEL, "commit"), report.commit);
    text
}

fn row(figure: &Figure) -> [String; 4] {
    let bound = figure.bound.map_or_else(String::new, |Bound { kind, value, requirement }| {
        let side = match kind {
            BoundKind::AtMost => "at most",
            BoundKind::AtLeast => "at least",
        };
        let word = if figure.within() { "within" } else { "MISSED" };
        format!("{word}: {side} {value} [{requirement}]")
    });
    [figure.name.to_owned(), format!("{:.1}", figure.value), figure.unit.to_owned(), bound]
}

#[cfg(test)]
mod tests {
    use super::super::plain;
    use super::*;
    use crate::load::PartReport;

    #[test]
    fn a_missed_bound_is_told() {
        let figure = |value| Figure {
            name: "memory for each",
            value,
            unit: "KB",
            bound: Some(Bound { kind: BoundKind::AtMost, value: 10.0, requirement: "WS-P2" }),
            percentiles: None,
        };
        let part = PartReport { part: "idle", what: "2 connections".into(), figures: vec![figure(9.5), figure(12.0)] };
        let report = LoadReport { commit: "abc".into(), parts: vec![part] };
        assert_eq!(
            plain(&load(&report)),
            "IDLE   2 connections\n  memory for each   9.5  KB  within: at most 10 [WS-P2]\n  \
             memory for each  12.0  KB  MISSED: at most 10 [WS-P2]\n\ncommit  abc\n"
        );
    }
}
