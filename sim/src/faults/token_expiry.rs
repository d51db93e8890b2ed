//! A token expiry: the access token of a device at work ends at an awkward moment (CG-5, WS-6).

use properties::trace::Concern;
use proptest::prelude::*;
use proptest::strategy::BoxedStrategy;
use serde::{Deserialize, Serialize};

use super::{Fault, Hazard, Kind, Population, Scope, Target};
use crate::words::seconds;
use crate::world::Levers;

/// The line in the list of faults.
pub(super) const KIND: Kind = Kind {
    name: "token_expiry",
    summary: "the server's clock jumps to the end of a device's access token, a moment before or after it",
    concerns: Concern::Clock,
    lasts: false,
    strategy,
};

/// The server's wall clock jumps to the end of the access token of a device that is connected, without any warning of
/// it. Timers are not touched, nor any other clock; the clock stays as it is.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenExpiry {
    /// Whose: of several, the one whose token ends first.
    pub target: Target,
    /// How long after the token's end the clock stands then; negative is before it.
    pub after_ms: i64,
}

const MOST_MS: i64 = 3_000;

impl Hazard for TokenExpiry {
    fn kind(&self) -> &'static Kind {
        &KIND
    }

    fn describe(&self) -> String {
        let by = seconds(self.after_ms.unsigned_abs());
        let place = match self.after_ms {
            0 => "to".to_owned(),
            ..0 => format!("to {by} before"),
            _ => format!("to {by} after"),
        };
        format!("the server's clock jumps {place} the end of the token of {}", self.target)
    }

    fn strike(&self, step: u32, levers: &Levers) {
        levers.expire_token(step, &self.target, self.after_ms);
    }

    fn lasts_ms(&self) -> u64 {
        0
    }

    fn target(&self) -> Option<&Target> {
        Some(&self.target)
    }

    fn aimed(&self, target: Target) -> Option<Fault> {
        Some(Fault::TokenExpiry(Self { target, ..self.clone() }))
    }

    fn simpler(&self, population: &Population) -> Vec<Fault> {
        let narrower = self.narrower(population).into_iter();
        let exact = (self.after_ms != 0).then(|| Self { after_ms: 0, ..self.clone() });
        narrower.chain(exact.into_iter().map(Fault::TokenExpiry)).collect()
    }
}

fn strategy(scope: &Scope) -> BoxedStrategy<Fault> {
    // Within the time that a request, a commit or a delivery takes, and beyond.
    let after_ms = prop_oneof![1 => Just(0), 4 => -100..=100_i64, 2 => -MOST_MS..=MOST_MS];
    (Target::one_device(&scope.population), after_ms)
        .prop_map(|(target, after_ms)| Fault::TokenExpiry(TokenExpiry { target, after_ms }))
        .boxed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_told_in_a_persons_words() {
        let check = |after_ms, place: &str| {
            let told = TokenExpiry { target: Target::Device("ana/phone".into()), after_ms }.describe();
            assert_eq!(told, format!("the server's clock jumps {place} the end of the token of ana/phone"));
        };
        check(0, "to");
        check(-20, "to 0.020 s before");
        check(1_500, "to 1.500 s after");
    }
}
