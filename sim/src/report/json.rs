//! The view for machines: one JSON document, equal for equal runs.
//!
//! No report holds a wall-clock time, a duration that was measured, or a place on this machine that would be written
//! here; so two runs of the same seeds at the same commit give the same bytes. What a document begins with, and the schema of each,
//! is in [`super::published`].

use super::published::{Document, Published};

/// The document of a report, with a line feed at its end.
pub fn document(report: &impl Published) -> String {
    let text = serde_json::to_string_pretty(&Document::of(report));
    text.expect("reports have only string keys and finite numbers") + "\n"
}

#[cfg(test)]
mod tests {
    use super::super::{FailureReport, Origin};
    use super::*;

    #[test]
    fn no_place_on_this_machine_is_in_the_document() {
        let report = FailureReport {
            property: "ordering/gapless".into(),
            requirements: vec!["CG-2".into()],
            origin: Origin::Seed,
            seed: 8841,
            profile: "standard".into(),
            steps: 143,
            steps_left: 6,
            violation: properties::Violation { expected: "a".into(), observed: "b".into(), evidence: vec![] },
            windows: vec![],
            also_broken: vec![],
            commit: "3fa91c2".into(),
            file: "target/sim/8841/history.json".into(),
            trace: "target/sim/8841/trace.jsonl".into(),
            page: "target/sim/8841/page.html".into(),
        };
        let text = document(&report);
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert!(!text.contains("target/"), "{text}");
        assert_eq!((&value["seed"], &value["observed"], &value["origin"]), (&8841.into(), &"b".into(), &"seed".into()));
    }
}
