//! WebSockets: their lives, frames, commands, deliveries and resumes.

use std::sync::Arc;
use std::time::Duration;

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use tokio::time::Instant;

use super::labelled::LabelValue;
use super::register::{byte_counters, counter, counters, gauge, lifetime, seconds, seconds_of};
use super::{Labelled, Metrics};
use crate::protocol::{CloseCode, ErrorCode};

/// What is counted of WebSockets.
#[derive(Debug)]
pub struct WebSocketMetrics {
    tasks: Gauge,
    opened: Counter,
    closed: Labelled<2, Counter>,
    lifetime: Histogram,
    received: [Counter; Received::ALL.len()],
    received_bytes: Counter,
    sent: [Counter; FrameKind::ALL.len()],
    sent_bytes: Counter,
    commands: Labelled<2, Counter>,
    command_duration: Labelled<1, Histogram>,
    fan_out: Histogram,
    delivery: Histogram,
    dropped: Counter,
    resumes: Labelled<1, Counter>,
}

/// What a client sends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Received {
    /// A command.
    Text,
    /// A chunk of an upload.
    Binary,
    /// A ping, pong or close of RFC 6455.
    Control,
}

/// What the server sends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FrameKind {
    /// A committed fact, with its position.
    Event,
    /// What may be dropped: typing, progress.
    Ephemeral,
    /// How somebody looks.
    Presence,
    /// An answer, an error, a ping, and whatever else is about the connection itself.
    Reply,
}

/// Who ended a connection.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ending {
    /// The server, with this code.
    Server(CloseCode),
    /// The client, with the code that it said, if it said one.
    Client(Option<u16>),
    /// Nobody: the stream broke, or the server was gone.
    Network,
}

/// A WebSocket that is open, until this is dropped.
#[derive(Debug)]
pub struct OpenConnection {
    metrics: Arc<Metrics>,
    since: Instant,
    ending: Ending,
}

/// The task that serves a connection, until this is dropped.
#[derive(Debug)]
pub struct OpenTask(Arc<Metrics>);

impl Received {
    const ALL: [Self; 3] = [Self::Text, Self::Binary, Self::Control];

    fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Binary => "binary",
            Self::Control => "control",
        }
    }
}

impl FrameKind {
    const ALL: [Self; 4] = [Self::Event, Self::Ephemeral, Self::Presence, Self::Reply];

    fn name(self) -> &'static str {
        match self {
            Self::Event => "event",
            Self::Ephemeral => "ephemeral",
            Self::Presence => "presence",
            Self::Reply => "reply",
        }
    }
}

impl Ending {
    fn labels(self) -> [LabelValue; 2] {
        let (by, code) = match self {
            Self::Server(code) => ("server", Some(code.number())),
            Self::Client(code) => ("client", code),
            Self::Network => ("network", None),
        };
        let code = match code {
            Some(code) if CloseCode::ALL.iter().any(|known| known.number() == code) => code.to_string().into(),
            // A client may say any number.
            Some(_) => "other".into(),
            None => "none".into(),
        };
        [by.into(), code]
    }
}

impl WebSocketMetrics {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let registry = registry.sub_registry_with_prefix("websocket");
        let received = counters(registry, "frames_received", "Frames that came, by kind", ["kind"]);
        let sent = counters(registry, "frames_sent", "Frames that were written to the network, by kind", ["kind"]);
        let help = "Streams that were joined with a position: all that was missed came, or a snapshot must be taken";
        let resumes = counters(registry, "resumes", help, ["outcome"]).with(["recovered", "lost"]);
        Self {
            tasks: gauge(
                registry,
                "tasks",
                "Tasks that serve a connection, from its upgrade to the end of its goodbye",
            ),
            opened: counter(registry, "connections_opened", "Connections that were upgraded and registered"),
            closed: counters(
                registry,
                "connections_closed",
                "Connections that ended: by whom, and with which close code",
                ["by", "code"],
            ),
            lifetime: lifetime(registry, "connection_duration", "How long connections that ended had lived"),
            received: Received::ALL.map(|kind| received.of([kind.name().into()])),
            received_bytes: byte_counters(registry, "received", "Payloads of frames that came", []).of([]),
            sent: FrameKind::ALL.map(|kind| sent.of([kind.name().into()])),
            sent_bytes: byte_counters(registry, "sent", "Payloads of frames that were written", []).of([]),
            commands: counters(
                registry,
                "commands",
                "Commands by name and outcome: `done`, or the code of the refusal",
                ["command", "outcome"],
            ),
            command_duration: seconds_of(
                registry,
                "command_duration",
                "From a command's last byte to its reply in the queue",
                ["command"],
            ),
            fan_out: seconds(registry, "fan_out", "From a durable commit to its events in the queue of every follower"),
            delivery: seconds(registry, "delivery", "From an event in a connection's queue to its last byte written"),
            dropped: counter(registry, "ephemeral_dropped", "Ephemeral frames that found a queue half full"),
            resumes,
        }
    }

    /// A frame came.
    pub fn received(&self, kind: Received, bytes: usize) {
        self.received[kind as usize].inc();
        self.received_bytes.inc_by(bytes as u64);
    }

    /// A frame was written that had been queued at this time.
    pub fn sent(&self, kind: FrameKind, bytes: usize, queued_at: Instant) {
        self.sent[kind as usize].inc();
        self.sent_bytes.inc_by(bytes as u64);
        if kind == FrameKind::Event {
            self.delivery.observe(queued_at.elapsed().as_secs_f64());
        }
    }

    /// A command was handled: none of a refusal is `done`.
    pub fn handled(&self, command: &'static str, refusal: Option<ErrorCode>, took: Duration) {
        let outcome = refusal.map_or("done".into(), |code| code.name().into());
        self.commands.of([command.into(), outcome]).inc();
        self.command_duration.of([command.into()]).observe(took.as_secs_f64());
    }

    /// A frame came that is no command.
    pub fn unreadable(&self, code: ErrorCode) {
        self.commands.of(["unreadable".into(), code.name().into()]).inc();
    }

    /// A commit was handed to everybody concerned.
    pub fn fanned_out(&self, took: Duration) {
        self.fan_out.observe(took.as_secs_f64());
    }

    /// Ephemeral frames were dropped.
    pub fn dropped(&self, frames: u64) {
        self.dropped.inc_by(frames);
    }

    /// A stream was joined with a position.
    pub fn resumed(&self, recovered: bool) {
        self.resumes.of([if recovered { "recovered" } else { "lost" }.into()]).inc();
    }
}

impl OpenTask {
    /// The task begins.
    pub fn new(metrics: Arc<Metrics>) -> Self {
        metrics.websocket.tasks.inc();
        Self(metrics)
    }
}

impl Drop for OpenTask {
    fn drop(&mut self) {
        self.0.websocket.tasks.dec();
    }
}

impl OpenConnection {
    /// A connection is registered.
    pub fn new(metrics: Arc<Metrics>) -> Self {
        metrics.websocket.opened.inc();
        Self { metrics, since: Instant::now(), ending: Ending::Network }
    }

    /// How it ended.
    pub fn ends(mut self, ending: Ending) {
        self.ending = ending;
    }
}

impl Drop for OpenConnection {
    fn drop(&mut self) {
        let websocket = &self.metrics.websocket;
        websocket.closed.of(self.ending.labels()).inc();
        websocket.lifetime.observe(self.since.elapsed().as_secs_f64());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_codes_that_we_know_become_labels() {
        assert_eq!(Ending::Client(Some(1_000)).labels(), ["client", "1000"]);
        assert_eq!(Ending::Client(Some(4_777)).labels(), ["client", "other"]);
        assert_eq!(Ending::Client(None).labels(), ["client", "none"]);
        assert_eq!(Ending::Server(CloseCode::SlowConsumer).labels(), ["server", "4008"]);
        assert_eq!(Ending::Network.labels(), ["network", "none"]);
    }
}
