//! One observation at a time, for a view that shows all of them: in the very words of evidence and stories.

use system::protocol::StreamId;

use super::story::Line;
use super::whom::{names_everybody, touches};
use super::words::who_and_what;
use crate::index::Index;
use crate::trace::Trace;

/// Tells the observations of one trace.
#[derive(Debug)]
pub struct Teller<'t>(Index<'t>);

impl<'t> Teller<'t> {
    /// Learns what everything in a trace is called.
    pub fn new(trace: &'t Trace) -> Self {
        Self(Index::new(trace))
    }

    /// What was observed at the place `entry` of the trace.
    ///
    /// # Panics
    /// The trace has no such place.
    pub fn line(&self, entry: usize) -> Line {
        let (who, what) = who_and_what(&self.0, entry);
        Line { at: self.0.at(entry), who, what }
    }

    /// `room general`, `the company's stream`, `ana's own stream`.
    pub fn stream(&self, stream: StreamId) -> String {
        self.0.names().stream(stream)
    }
}

/// Whether what a fault says of itself concerns a device.
pub fn fault_concerns(text: &str, device: &str) -> bool {
    names_everybody(text) || touches(text, device)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::Scene;
    use crate::telling::{Scope, tell};

    #[test]
    fn one_by_one_is_told_as_all_together() {
        let mut scene = Scene::company();
        let event = scene.says("ben/phone", "general", "m1");
        scene.all_get(&event);
        let trace = scene.ends();
        let teller = Teller::new(&trace);
        let lines: Vec<_> = (0..trace.entries.len()).map(|entry| teller.line(entry)).collect();
        let whole = tell(&trace, Scope::Whole);
        assert!(whole.iter().all(|line| lines.contains(line)), "{whole:#?}");
        assert_eq!(teller.stream(event.stream), "room general");
    }

    #[test]
    fn a_fault_of_everybody_concerns_each() {
        assert!(fault_concerns("cut every device for 3 s", "ana/phone"));
        assert!(fault_concerns("cut ana/phone for 3 s", "ana/phone"));
        assert!(!fault_concerns("cut ana/phone for 3 s", "ben/phone"));
    }
}
