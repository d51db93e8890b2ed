//! A key rotation: the server's operator has another key sign tokens, while everybody works (CG-5, WS-6).

use properties::trace::Concern;
use proptest::prelude::*;
use proptest::strategy::BoxedStrategy;
use serde::{Deserialize, Serialize};

use super::{Fault, Hazard, Kind, Population, Scope};
use crate::world::Levers;

/// The line in the list of faults.
pub(super) const KIND: Kind = Kind {
    name: "key_rotation",
    summary: "the operator rotates the key that signs tokens, while devices are connected",
    concerns: Concern::Tokens,
    lasts: false,
    strategy,
};

/// Another key signs tokens from now on. Nobody may notice.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyRotation {}

impl Hazard for KeyRotation {
    fn kind(&self) -> &'static Kind {
        &KIND
    }

    fn describe(&self) -> String {
        "the operator rotates the signing key".to_owned()
    }

    fn strike(&self, step: u32, levers: &Levers) {
        levers.rotate_signing_key(step);
    }

    fn lasts_ms(&self) -> u64 {
        0
    }

    fn simpler(&self, _: &Population) -> Vec<Fault> {
        Vec::new()
    }
}

fn strategy(_: &Scope) -> BoxedStrategy<Fault> {
    Just(Fault::KeyRotation(KeyRotation {})).boxed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_told_in_a_persons_words() {
        assert_eq!(KeyRotation {}.describe(), "the operator rotates the signing key");
    }
}
