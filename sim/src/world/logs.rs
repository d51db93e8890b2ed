//! The server's structured log, as the trace has it. Only what the server says of itself: `stormglass::*`.

use std::collections::BTreeMap;
use std::fmt::Debug;

use properties::trace::{Observation, Word};
use system::protocol::StreamId;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

use super::recorder::Recorder;

/// The target under which the server logs each committed event, at the level DEBUG.
const COMMITS: &str = "stormglass::commit";

/// Writes log events into the record. Spans are not used.
pub(super) struct Logs(pub(super) Recorder);

impl Subscriber for Logs {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_event()
            && metadata.target().starts_with("stormglass")
            && (*metadata.level() <= Level::INFO || metadata.target() == COMMITS)
    }

    fn event(&self, event: &Event<'_>) {
        let metadata = event.metadata();
        let mut fields = Fields::default();
        event.record(&mut fields);
        let observation = if metadata.target() == COMMITS { fields.into_commit() } else { None };
        if let Some(commit) = observation {
            // What is durable is durable, whether or not its server lives on.
            self.0.record(commit);
            return;
        }
        if self.0.server_is_mute() {
            return;
        }
        let mut fields = Fields::default();
        event.record(&mut fields);
        self.0.record(Observation::Logged {
            level: metadata.level().as_str().into(),
            message: fields.message.into(),
            fields: fields.others,
        });
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

#[derive(Default)]
struct Fields {
    message: String,
    others: BTreeMap<Word, String>,
}

impl Fields {
    fn into_commit(mut self) -> Option<Observation> {
        let stream: StreamId = self.others.remove("stream")?.parse().ok()?;
        let seq = self.others.remove("seq")?.parse().ok()?;
        let kind = self.others.remove("kind")?.into();
        Some(Observation::Committed { stream, seq, kind })
    }

    fn add(&mut self, field: &Field, text: String) {
        match field.name() {
            "message" => self.message = text,
            name => drop(self.others.insert(name.into(), text)),
        }
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.add(field, format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.add(field, value.to_owned());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.add(field, value.to_string());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.add(field, value.to_string());
    }
}
