//! Promised and exercised, side by side.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Serialize;

use super::documented::Documented;
use super::exercised::Exercised;
use super::unprovokable::UNPROVOKABLE;

/// What of the documents was exercised.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct Coverage {
    /// A row for each kind of promise.
    pub rows: Vec<CoverageRow>,
    /// What cannot be provoked, and why.
    pub excused: Vec<Excused>,
    /// What was answered or said that no document promises: the server's mistake, or the documents'.
    pub undocumented: Vec<String>,
}

/// One kind of promise.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct CoverageRow {
    /// Which.
    pub kind: &'static str,
    /// How many were exercised.
    pub covered: usize,
    /// How many there are, without those that cannot be provoked.
    pub total: usize,
    /// Those that were not exercised, by name.
    pub missing: Vec<String>,
}

/// Something that cannot be provoked.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct Excused {
    /// What.
    pub what: &'static str,
    /// Why.
    pub because: &'static str,
}

impl Coverage {
    /// Of what crossed the wire.
    pub fn of(exercised: &Exercised) -> Self {
        let documented = Documented::published();
        let endpoints = |of: &Exercised| of.endpoints.keys().map(ToString::to_string).collect::<BTreeSet<_>>();
        let asked = endpoints(exercised);
        let all: BTreeSet<String> = documented.endpoints.keys().map(ToString::to_string).collect();
        let promised = documented.endpoints.iter();
        let promised =
            promised.flat_map(|(endpoint, statuses)| statuses.iter().map(move |of| format!("{endpoint} {of}")));
        let answered = exercised.endpoints.iter();
        let answered: BTreeSet<String> = answered
            .flat_map(|(endpoint, statuses)| statuses.iter().map(move |of| format!("{endpoint} {of}")))
            .collect();
        let promised: BTreeSet<String> = promised.collect();
        let numbers = |codes: &BTreeSet<u16>| codes.iter().map(ToString::to_string).collect::<BTreeSet<_>>();
        let undocumented = answered.difference(&promised).cloned().collect();
        Self {
            rows: vec![
                row("endpoints", &all, &asked),
                row("statuses", &promised, &answered),
                row("commands", &documented.commands, &exercised.commands),
                row("events", &documented.pushes, &exercised.pushes),
                row("error codes", &documented.error_codes, &exercised.error_codes),
                row("close codes", &numbers(&documented.close_codes), &numbers(&exercised.close_codes)),
                row("roles", &documented.roles, &exercised.roles),
            ],
            excused: UNPROVOKABLE.iter().map(|&(what, because)| Excused { what, because }).collect(),
            undocumented,
        }
    }

    /// Whether nothing is missing.
    pub fn is_complete(&self) -> bool {
        self.rows.iter().all(|row| row.missing.is_empty())
    }
}

fn row(kind: &'static str, promised: &BTreeSet<String>, exercised: &BTreeSet<String>) -> CoverageRow {
    let is_excused = |what: &String| UNPROVOKABLE.iter().any(|(excused, _)| excused == what);
    let counted: Vec<&String> = promised.iter().filter(|what| !is_excused(what) || exercised.contains(*what)).collect();
    let missing: Vec<String> =
        counted.iter().filter(|what| !exercised.contains(**what)).map(|what| (*what).clone()).collect();
    CoverageRow { kind, covered: counted.len() - missing.len(), total: counted.len(), missing }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_exercised_is_nothing_covered_and_all_is_named() {
        let coverage = Coverage::of(&Exercised::default());
        assert!(!coverage.is_complete() && coverage.undocumented.is_empty());
        for row in &coverage.rows {
            assert!(row.covered == 0 && row.total > 0 && row.missing.len() == row.total, "{row:?}");
        }
    }

    #[test]
    fn what_cannot_be_provoked_is_promised_and_has_a_reason() {
        let coverage = Coverage::of(&Exercised::default());
        let documented = Documented::published();
        for excused in &coverage.excused {
            let promised = documented
                .endpoints
                .iter()
                .flat_map(|(endpoint, statuses)| statuses.iter().map(move |status| format!("{endpoint} {status}")));
            let promised =
                promised.chain(documented.error_codes.iter().cloned()).chain(documented.pushes.iter().cloned());
            let promised = promised.chain(documented.close_codes.iter().map(ToString::to_string));
            assert!(promised.into_iter().any(|promised| promised == excused.what), "{} is promised", excused.what);
            assert!(excused.because.split(' ').count() > 3, "{} has a reason", excused.what);
        }
    }
}
