//! `liveness/ends`: every run comes to its end.

use crate::index::Index;
use crate::property::{Property, Verdict, Violation};
use crate::story::Story;
use crate::trace::{At, Observation, Phase};

/// See the module.
pub(crate) struct Ends;

impl Property for Ends {
    fn id(&self) -> &'static str {
        "liveness/ends"
    }

    fn statement(&self) -> &'static str {
        "a run goes from phase to phase until it is over: nobody waits for ever for something that does not come"
    }

    fn requirements(&self) -> &'static [&'static str] {
        &["WS-3", "CG-7", "PROTOCOL 10"]
    }

    fn does_not_verify(&self) -> &'static str {
        "how long a run takes in real time, nor a run that a panic has ended"
    }

    fn check(&self, index: &Index<'_>) -> Verdict {
        Verdict::from_check(check(index), "the run neither ended nor hung: it was cut short")
    }
}

fn check(index: &Index<'_>) -> Result<u64, Violation> {
    for (entry, observed) in index.trace.entries.iter().enumerate() {
        if let Observation::Hung { after_ms } = observed.what {
            let last = index.phases.iter().max_by_key(|(_, entry)| **entry);
            let phase = last.map_or("before its first phase", |(phase, _)| in_phase(*phase));
            return Err(Violation {
                expected: "the run ends by itself".to_owned(),
                observed: format!("after {} of simulated time it still hangs {phase}", At(after_ms * 1_000)),
                evidence: Story::new(index).link(last.map(|(_, entry)| *entry)).breaks(entry).tell(),
            });
        }
    }
    Ok(u64::from(index.phases.contains_key(&Phase::End)))
}

/// Where a run is, in a person's words.
fn in_phase(phase: Phase) -> &'static str {
    match phase {
        Phase::Setup => "in the setup",
        Phase::Storm => "in the storm",
        Phase::Healed => "on the way from the heal to the quiet",
        Phase::Quiet => "in the quiet period",
        Phase::Parted => "when half of the users have left",
        Phase::Left => "when everybody has left",
        Phase::End => "after its end",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::{Scene, chain, held, vacuous, violated};
    use crate::trace::Trace;

    #[test]
    fn a_run_that_hangs_is_a_violation() {
        let mut trace = Scene::company().ends();
        let place =
            trace.entries.iter().position(|entry| matches!(entry.what, Observation::Phase { phase: Phase::Quiet }));
        trace.entries.truncate(place.expect("a scene becomes quiet") + 1);
        let mut last = trace.entries.last().expect("there is one").clone();
        last.what = Observation::Hung { after_ms: 935_000 };
        trace.entries.push(last);
        let violation = violated(&Ends, &trace);
        assert_eq!(violation.observed, "after 935.000 s of simulated time it still hangs in the quiet period");
        assert_eq!(
            chain(&violation),
            ["world: all is quiet", "world: gives up after 935.000 s: the run does not end <- breaks it"]
        );
    }

    #[test]
    fn a_run_that_ends_holds() {
        held(&Ends, &Scene::company().ends());
    }

    #[test]
    fn a_run_that_was_cut_short_proves_nothing() {
        vacuous(&Ends, &Trace::default());
    }
}
