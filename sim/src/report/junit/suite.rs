//! Suites and cases as data, and their XML. There is no time in it: a report holds nothing that was measured.

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

/// Cases that belong together.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Suite {
    /// Its name.
    pub name: String,
    /// What all its cases have in common: names and values.
    pub properties: Vec<(String, String)>,
    /// The cases, in order.
    pub cases: Vec<Case>,
}

/// Something that passes or does not.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Case {
    /// What it is grouped by, as a class is in Java.
    pub class: String,
    /// Its name, unique in its suite.
    pub name: String,
    /// What came of it.
    pub outcome: Outcome,
    /// What else there is to say; empty if nothing.
    pub output: String,
}

/// What came of a case.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// It passed.
    Passed,
    /// There was nothing to check, or nobody asked for it.
    Skipped {
        /// Why.
        reason: String,
    },
    /// What it says does not hold.
    Failed {
        /// In one line.
        message: String,
        /// At length, with the next command to type.
        text: String,
    },
    /// It could not be said whether it holds: our own error.
    Error {
        /// In one line.
        message: String,
        /// At length, with the next command to type.
        text: String,
    },
}

/// The XML of a report with these suites.
pub fn to_xml(name: &str, suites: &[Suite]) -> String {
    let mut report = Report::new(name);
    report.add_test_suites(suites.iter().map(suite));
    // What cannot be in XML is left out when a text is taken in, and a String takes everything.
    let xml = report.to_string().expect("XML can be written to a String");
    // The schema of Jenkins knows this count of each suite, and of all of them together it does not.
    xml.replacen(&format!(" skipped=\"{}\"", report.skipped), "", 1)
}

fn suite(suite: &Suite) -> TestSuite {
    let mut written = TestSuite::new(suite.name.as_str());
    written.add_properties(suite.properties.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    written.add_test_cases(suite.cases.iter().map(case));
    written
}

fn case(case: &Case) -> TestCase {
    let status = match &case.outcome {
        Outcome::Passed => TestCaseStatus::success(),
        Outcome::Skipped { reason } => {
            let mut status = TestCaseStatus::skipped();
            status.set_message(reason.as_str());
            status
        }
        Outcome::Failed { message, text } => non_success(NonSuccessKind::Failure, "violated", message, text),
        Outcome::Error { message, text } => non_success(NonSuccessKind::Error, "panicked", message, text),
    };
    let mut written = TestCase::new(case.name.as_str(), status);
    written.set_classname(case.class.as_str());
    if !case.output.is_empty() {
        written.set_system_out(case.output.as_str());
    }
    written
}

fn non_success(kind: NonSuccessKind, name: &str, message: &str, text: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(kind);
    status.set_type(name).set_message(message).set_description(text);
    status
}
