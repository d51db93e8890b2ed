//! What each property says of one run, as a table.

use std::fmt::Write;

use properties::Verdict;

use super::requirements::requirements;
use super::style::{BAD, GOOD, ODD, paint};
use super::table::{Align, table};
use crate::report::replay::NamedVerdict;

/// A line for each verdict.
pub(super) fn verdicts(verdicts: &[NamedVerdict]) -> String {
    let mut text = String::new();
    let rows: Vec<_> = verdicts
        .iter()
        .map(|named| {
            let (word, detail) = match &named.verdict {
                Verdict::Held { checked } => ("held", format!("checked {checked} times")),
                Verdict::Vacuous { reason } => ("vacuous", (*reason).to_owned()),
                Verdict::Violated(violation) => ("violated", violation.observed.clone()),
                Verdict::Broken { panic } => ("panicked", panic.clone()),
            };
            [word.to_owned(), named.property.clone(), requirements(&named.requirements), detail]
        })
        .collect();
    for line in table([Align::Left; 4], &rows).lines() {
        let style = match line.trim_start() {
            line if line.starts_with("held") => GOOD,
            line if line.starts_with("vacuous") => ODD,
            _ => BAD,
        };
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{}", paint(style, line));
    }
    text
}
