//! What a fault did to the network, so that a run can tell a storm from a calm (SIM-7).

use std::fmt::Write as _;
use std::sync::Arc;

/// A fault of the network did something.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FaultEffect {
    /// Its kind, as in the list of faults.
    pub kind: &'static str,
    /// Its step in the history.
    pub step: u32,
    /// In a person's words.
    pub text: String,
}

/// What one fault did to one device so far.
#[derive(Clone, Default, Debug)]
pub(super) struct Tally {
    pub(super) held_bytes: usize,
    pub(super) held_attempts: usize,
    pub(super) broken_connections: usize,
}

impl Tally {
    /// The effect of a fault with this tally; none if it did nothing.
    pub(super) fn into_effect(self, kind: &'static str, step: u32, device: &Arc<str>) -> Option<FaultEffect> {
        let mut text = String::new();
        let mut add = |count: usize, what: &str| {
            if count > 0 {
                let separator = if text.is_empty() { "" } else { ", " };
                let plural = if count == 1 { "" } else { "s" };
                // Writing to a string cannot fail.
                let _ = write!(text, "{separator}{count} {what}{plural}");
            }
        };
        add(self.held_bytes, "held byte");
        add(self.held_attempts, "held connection attempt");
        add(self.broken_connections, "broken connection");
        (!text.is_empty()).then(|| FaultEffect { kind, step, text: format!("{device}: {text}") })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_effect_says_what_was_done_and_nothing_is_no_effect() {
        let device: Arc<str> = "ana/phone".into();
        assert_eq!(Tally::default().into_effect("cut", 3, &device), None);
        let tally = Tally { held_bytes: 1, held_attempts: 2, broken_connections: 0 };
        let effect = tally.into_effect("cut", 3, &device).expect("it did something");
        assert_eq!(effect.text, "ana/phone: 1 held byte, 2 held connection attempts");
    }
}
