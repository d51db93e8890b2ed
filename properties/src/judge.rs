//! Asks every property about one trace.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use serde::Serialize;

use crate::index::Index;
use crate::property::{Property, Verdict};
use crate::trace::Trace;

/// What one property says about one run.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Judgement {
    /// The property's permanent name.
    pub id: &'static str,
    /// The rows of REQUIREMENTS.md that it proves.
    pub requirements: &'static [&'static str],
    /// What it says.
    #[serde(flatten)]
    pub verdict: Verdict,
}

/// Judges a run by every property, in the order of [`all`](crate::all).
///
/// A property that panics is [`Verdict::Broken`]: it neither hides what the others say nor passes for a violation.
pub fn check_all(trace: &Trace) -> Vec<Judgement> {
    check(trace, crate::all())
}

fn check(trace: &Trace, properties: &[&'static dyn Property]) -> Vec<Judgement> {
    let index = catch_unwind(|| Index::new(trace)).map_err(|panic| words_of(&*panic));
    let judge = |property: &&'static dyn Property| {
        let verdict = match &index {
            // Nothing of a property outlives its check but the names that the index caches whole or not at all.
            Ok(index) => catch_unwind(AssertUnwindSafe(|| property.check(index)))
                .unwrap_or_else(|panic| Verdict::Broken { panic: words_of(&*panic) }),
            Err(panic) => Verdict::Broken { panic: panic.clone() },
        };
        Judgement { id: property.id(), requirements: property.requirements(), verdict }
    };
    properties.iter().map(judge).collect()
}

fn words_of(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(ToString::to_string);
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "a panic without words".to_owned())
}
