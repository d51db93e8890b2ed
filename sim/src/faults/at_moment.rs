//! A fault that waits for its moment: after this commit and before its answer, between a snapshot and what follows it.

use proptest::prelude::*;
use proptest::strategy::BoxedStrategy;
use serde::{Deserialize, Serialize};

use super::scope::shorter;
use super::{Fault, Hazard, Kind, Moment, Population, Target};
use crate::words::seconds;
use crate::world::Levers;

/// A fault that strikes at the first such moment after its step's time, or never if there is none in time.
///
/// It is no kind of its own: it counts as the fault that it brings.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AtMoment {
    /// What must have happened.
    pub when: Moment,
    /// How long to wait for it.
    pub within_ms: u64,
    /// What strikes then, before anything else happens.
    pub then: Box<Fault>,
}

/// How long one is waited for.
const WITHIN_MS: std::ops::RangeInclusive<u64> = 500..=4_000;

impl AtMoment {
    /// One at any moment; `then` draws the fault for it.
    pub(crate) fn strategy(
        population: &Population,
        then: impl Fn(&Moment) -> BoxedStrategy<Fault> + 'static,
    ) -> BoxedStrategy<Fault> {
        Moment::strategy(population)
            .prop_flat_map(move |when| (then(&when), Just(when), WITHIN_MS))
            .prop_map(|(then, when, within_ms)| Fault::AtMoment(Self { when, within_ms, then: Box::new(then) }))
            .boxed()
    }
}

impl Hazard for AtMoment {
    fn kind(&self) -> &'static Kind {
        self.then.hazard().kind()
    }

    fn describe(&self) -> String {
        let Self { when, within_ms, then } = self;
        format!("as soon as {when}, if within {}: {}", seconds(*within_ms), then.describe())
    }

    fn strike(&self, step: u32, levers: &Levers) {
        levers.wait(step, self.when.clone(), self.within_ms, &self.then);
    }

    fn lasts_ms(&self) -> u64 {
        self.within_ms + self.then.lasts_ms()
    }

    fn target(&self) -> Option<&Target> {
        self.then.target()
    }

    fn aimed(&self, target: Target) -> Option<Fault> {
        let then = Box::new(self.then.aimed(target)?);
        Some(Fault::AtMoment(Self { then, ..self.clone() }))
    }

    fn awaits(&self) -> Option<&Moment> {
        Some(&self.when)
    }

    /// First without the moment: what strikes at any time needs none.
    fn simpler(&self, population: &Population) -> Vec<Fault> {
        let at_once = (*self.then).clone();
        let then = self.then.simpler(population).into_iter().map(|then| Self { then: Box::new(then), ..self.clone() });
        let sooner = shorter(self.within_ms).into_iter().map(|within_ms| Self { within_ms, ..self.clone() });
        std::iter::once(at_once).chain(then.chain(sooner).map(Fault::AtMoment)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Kill, Scope};
    use super::*;

    fn kill() -> AtMoment {
        let (when, then) = (Moment::Resume("ana/phone".into()), Box::new(Fault::Kill(Kill { down_ms: 500 })));
        AtMoment { when, within_ms: 2_000, then }
    }

    #[test]
    fn it_is_told_in_a_persons_words_and_counts_as_what_it_brings() {
        let expected =
            "as soon as ana/phone is sent what it missed, if within 2.000 s: kill the server, down for 0.500 s";
        let fault = Fault::AtMoment(kill());
        assert_eq!((fault.describe().as_str(), fault.kind(), fault.is_crash()), (expected, "kill", true));
        assert_eq!(fault.lasts_ms(), 2_500);
    }

    #[test]
    fn it_keeps_its_shape_on_disk() {
        let text = r#"{"fault":"at_moment","when":{"resume":"ana/phone"},"within_ms":2000,"then":{"fault":"kill","down_ms":500}}"#;
        assert_eq!(serde_json::to_string(&Fault::AtMoment(kill())).expect("plain data"), text);
        assert_eq!(serde_json::from_str::<Fault>(text).expect("it was just written"), Fault::AtMoment(kill()));
    }

    #[test]
    fn it_gets_simpler_until_it_is_the_fault_alone() {
        let simpler = kill().simpler(&Scope::sample().population);
        assert_eq!(simpler[0], Fault::Kill(Kill { down_ms: 500 }));
        assert!(simpler[1..].iter().all(|fault| matches!(fault, Fault::AtMoment(_))));
    }
}
