//! The words of a page, and its structure: all of it but the style sheet, the scripts and the data that they draw, which
//! `sim/tests/pages/` looks at in a browser.

use properties::trace::Trace;
use sim::report::{FailureReport, page};

const REPORT: &str = include_str!("../fixtures/failure.json");

#[test]
fn of_a_failure() {
    let report: FailureReport = serde_json::from_str(REPORT).expect("the report can be read back");
    let report = FailureReport { file: "target/sim/1/history.json".into(), ..report };
    let html = page::html(&page::failure(&report, &Trace::default()));
    let bare = without(&without(&html, "style"), "script");
    // A line for each element: a change of one is a change of one line.
    insta::assert_snapshot!(bare.replace("><", ">\n<"));
}

/// A text without what elements of this name hold.
fn without(html: &str, name: &str) -> String {
    let (begin, end) = (format!("<{name}"), format!("</{name}>"));
    let mut parts = html.split(begin.as_str());
    let mut kept = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        kept.push_str(part.split_once(end.as_str()).map_or("", |(_, rest)| rest));
    }
    kept
}
