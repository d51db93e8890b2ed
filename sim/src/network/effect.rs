//! What a fault did to the network, so that a run can tell a storm from a calm (SIM-7).

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::words::amount;

/// A fault of the network did something.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FaultEffect {
    /// Its step in the history.
    pub step: u32,
    /// In a person's words.
    pub text: String,
}

/// Something that a fault of the network can do, and that can be counted.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Harm {
    HeldBytes,
    HeldAttempts,
    RefusedAttempts,
    BrokenConnections,
    ForgottenConnections,
    LateSegments,
    LostSegments,
    QueuedBytes,
    Pieces,
    SlowlyReadBytes,
}

impl Harm {
    /// One of it and several, in a person's words.
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::HeldBytes => ("held byte", "held bytes"),
            Self::HeldAttempts => ("held connection attempt", "held connection attempts"),
            Self::RefusedAttempts => ("refused connection attempt", "refused connection attempts"),
            Self::BrokenConnections => ("broken connection", "broken connections"),
            Self::ForgottenConnections => ("forgotten connection", "forgotten connections"),
            Self::LateSegments => ("late segment", "late segments"),
            Self::LostSegments => ("lost segment", "lost segments"),
            Self::QueuedBytes => ("queued byte", "queued bytes"),
            Self::Pieces => ("piece", "pieces"),
            Self::SlowlyReadBytes => ("slowly read byte", "slowly read bytes"),
        }
    }
}

/// What one fault did to one device so far.
#[derive(Clone, Default, Debug)]
pub(super) struct Tally(BTreeMap<Harm, usize>);

impl Tally {
    /// It did so much more of it.
    pub(super) fn add(&mut self, harm: Harm, count: usize) {
        if count > 0 {
            *self.0.entry(harm).or_default() += count;
        }
    }

    /// The effect of a fault with this tally; none if it did nothing.
    pub(super) fn into_effect(self, step: u32, device: &Arc<str>) -> Option<FaultEffect> {
        if self.0.is_empty() {
            return None;
        }
        let counts = self.0.into_iter().map(|(harm, count)| {
            let (one, many) = harm.words();
            amount(count as u64, one, many)
        });
        let text = format!("{device}: {}", counts.collect::<Vec<_>>().join(", "));
        Some(FaultEffect { step, text })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_effect_says_what_was_done_and_nothing_is_no_effect() {
        let device: Arc<str> = "ana/phone".into();
        let mut tally = Tally::default();
        tally.add(Harm::Pieces, 0);
        assert_eq!(tally.clone().into_effect(3, &device), None);
        tally.add(Harm::HeldAttempts, 2);
        tally.add(Harm::HeldBytes, 1);
        let effect = tally.into_effect(3, &device).expect("it did something");
        assert_eq!(effect.text, "ana/phone: 1 held byte, 2 held connection attempts");
    }
}
