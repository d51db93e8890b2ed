//! Asking one property about a scene.

use crate::index::Index;
use crate::property::{Property, Verdict, Violation};
use crate::trace::Trace;

/// The violation that `property` must find.
#[track_caller]
pub(crate) fn violated(property: &dyn Property, trace: &Trace) -> Violation {
    match property.check(&Index::new(trace)) {
        Verdict::Violated(violation) => {
            let breaking = violation.evidence.iter().filter(|link| link.breaks_it).count();
            assert_eq!(breaking, 1, "one link breaks it: {violation:#?}");
            violation
        }
        other => panic!("{} is not violated but {other:?}", property.id()),
    }
}

/// `property` must have held, and have had something to check.
#[track_caller]
pub(crate) fn held(property: &dyn Property, trace: &Trace) {
    match property.check(&Index::new(trace)) {
        Verdict::Held { checked } => assert!(checked > 0),
        other => panic!("{} did not hold: {other:#?}", property.id()),
    }
}

/// `property` must have had nothing to check.
#[track_caller]
pub(crate) fn vacuous(property: &dyn Property, trace: &Trace) {
    let verdict = property.check(&Index::new(trace));
    assert!(matches!(verdict, Verdict::Vacuous { .. }), "{} is not vacuous: {verdict:#?}", property.id());
}

/// The evidence, a line for each link.
pub(crate) fn chain(violation: &Violation) -> Vec<String> {
    let line = |link: &crate::property::Evidence| {
        let mark = if link.breaks_it { " <- breaks it" } else { "" };
        format!("{}: {}{mark}", link.who, link.what)
    };
    violation.evidence.iter().map(line).collect()
}
