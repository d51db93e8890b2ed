//! A history that has been run: its trace to ask, and its story to read.

use std::fmt::Write;
use std::path::Path;
use std::sync::Arc;

use properties::Verdict;
use properties::telling::{Scope, tell};
use properties::trace::{Entry, Observation, Phase, Received};
use sim::history::Saved;
use sim::judge::{self, Outcome};
use sim::report::text::{plain, story};
use system::protocol::{ClientFrame, Event, EventBody, ServerFrame};

/// A history that has been run.
pub struct Told {
    name: &'static str,
    saved: Saved,
    outcome: Outcome,
}

impl Told {
    /// Runs the history of this name. Whatever a property says of it is part of its snapshot; that none is broken is asked
    /// of each.
    pub fn new(name: &'static str) -> Self {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("histories").join(name).with_extension("json");
        let saved = Saved::load(&file).unwrap_or_else(|error| panic!("{error}"));
        let outcome = judge::judge(&saved.history);
        let told = Self { name, saved, outcome };
        let broken: Vec<_> = told.judged(|verdict| !matches!(verdict, Verdict::Held { .. } | Verdict::Vacuous { .. }));
        assert!(broken.is_empty(), "{name} breaks {}\n\n{}", broken.join(", "), told.text());
        assert_eq!(told.count(|what| matches!(what, Observation::Skipped { .. })), 0, "a step of {name} is skipped");
        told
    }

    /// The snapshot.
    #[track_caller]
    pub fn accept(&self) {
        insta::with_settings!({ omit_expression => true }, {
            insta::assert_snapshot!(self.name, self.text());
        });
    }

    /// How often something was observed.
    pub fn count(&self, is: impl Fn(&Observation) -> bool) -> usize {
        self.entries().filter(|entry| is(&entry.what)).count()
    }

    /// How often faults of this kind did something.
    pub fn effects(&self, kind: &str) -> usize {
        self.count(|what| matches!(what, Observation::FaultEffect { kind: effect, .. } if effect.name == kind))
    }

    /// The frames that a device received until all was quiet, on all of its connections.
    pub fn received(&self, device: &str) -> impl Iterator<Item = &Received> {
        self.until_quiet().filter_map(move |entry| match &entry.what {
            Observation::FrameReceived { device: by, frame, .. } if **by == *device => Some(frame),
            _ => None,
        })
    }

    /// The frames that a device sent, on all of its connections.
    pub fn sent(&self, device: &str) -> impl Iterator<Item = &Arc<ClientFrame>> {
        self.entries().filter_map(move |entry| match &entry.what {
            Observation::FrameSent { device: by, frame, .. } if **by == *device => Some(frame),
            _ => None,
        })
    }

    /// The messages that a device heard, in the order in which it heard them.
    pub fn heard(&self, device: &str) -> Vec<&str> {
        let heard = self.received(device).filter_map(|frame| match &**frame {
            ServerFrame::Event(Event { body: EventBody::MessageCreated(message), .. }) => Some(message.body.as_str()),
            _ => None,
        });
        heard.collect()
    }

    /// How often a connection of a device ended before all was quiet.
    pub fn ends(&self, device: &str) -> usize {
        let is_end =
            |entry: &&Entry| matches!(&entry.what, Observation::ConnectionClosed { device: by, .. } if **by == *device);
        self.until_quiet().filter(is_end).count()
    }

    /// Before the last reads, and before anybody leaves.
    fn until_quiet(&self) -> impl Iterator<Item = &Entry> {
        let quiet = |entry: &Entry| matches!(entry.what, Observation::Phase { phase: Phase::Quiet });
        self.entries().take_while(move |entry| !quiet(entry))
    }

    fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.outcome.run.trace.entries.iter()
    }

    /// What the file says about it, who is there, the story, and the verdicts in short.
    fn text(&self) -> String {
        let Self { saved, outcome, .. } = self;
        let mut text = saved.note.clone().expect("a named history says what it is about") + "\n\n";
        // Writing to a string cannot fail.
        for user in &saved.history.users {
            let _ = writeln!(text, "{} ({}): {}", user.name, user.role.as_str(), user.devices.join(", "));
        }
        for room in &saved.history.rooms {
            let _ = writeln!(text, "room {}: {}", room.name, room.members.join(", "));
        }
        let _ = writeln!(text, "\n{}", plain(&story(&tell(&outcome.run.trace, Scope::Storm))));
        let held = self.judged(|verdict| matches!(verdict, Verdict::Held { .. }));
        let _ = writeln!(text, "{} properties hold", held.len());
        for (words, ids) in [
            ("had nothing to check", self.judged(|verdict| matches!(verdict, Verdict::Vacuous { .. }))),
            ("broken", self.judged(|verdict| matches!(verdict, Verdict::Violated(_) | Verdict::Broken { .. }))),
        ] {
            if !ids.is_empty() {
                let _ = writeln!(text, "{words}: {}", ids.join(", "));
            }
        }
        text
    }

    fn judged(&self, is: impl Fn(&Verdict) -> bool) -> Vec<&'static str> {
        let judgements = self.outcome.judgements.iter().filter(|judgement| is(&judgement.verdict));
        judgements.map(|judgement| judgement.id).collect()
    }
}
