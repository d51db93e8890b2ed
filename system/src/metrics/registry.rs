//! All metrics of one server.

use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

use super::live::LiveGauges;
use super::register::counters;
use super::{FeedMetrics, FileMetrics, HttpMetrics, Labelled, LimitMetrics, StoreMetrics, WebSocketMetrics};
use crate::protocol::Timestamp;

/// What the exposition is, as its `Content-Type`: OpenMetrics 1.0.
pub const EXPOSITION_MEDIA_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// What every name begins with.
const PREFIX: &str = "stormglass";

/// All metrics of one server.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    /// REST, and the TCP connections under everything.
    pub http: HttpMetrics,
    /// WebSockets.
    pub websocket: WebSocketMetrics,
    /// The store.
    pub store: StoreMetrics,
    /// The live conversation feed.
    pub feed: FeedMetrics,
    /// Limits that were reached.
    pub limits: LimitMetrics,
    /// Bytes of files.
    pub files: FileMetrics,
    /// What is looked at when somebody asks.
    pub(super) live: LiveGauges,
    panics: Labelled<1, prometheus_client::metrics::counter::Counter>,
}

impl Metrics {
    /// Nothing has happened yet; the server starts at `now`.
    pub fn new(now: Timestamp) -> Self {
        let mut registry = Registry::with_prefix(PREFIX);
        let build = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
        registry.register("build", "The program that serves", build);
        let start: Gauge = Gauge::default();
        start.set(now.0 / 1_000);
        registry.register_with_unit(
            "start_time",
            "When the server started, since the Unix epoch",
            Unit::Seconds,
            start,
        );
        let help = "Handlers and commands that panicked: bugs of ours, each of which is logged with its place";
        let panics = counters(&mut registry, "panics", help, ["in"]).with(["http", "websocket"]);
        Self {
            http: HttpMetrics::register(&mut registry),
            websocket: WebSocketMetrics::register(&mut registry),
            store: StoreMetrics::register(&mut registry),
            feed: FeedMetrics::register(&mut registry),
            limits: LimitMetrics::register(&mut registry),
            files: FileMetrics::register(&mut registry),
            live: LiveGauges::register(&mut registry),
            panics,
            registry,
        }
    }

    /// A handler of REST panicked.
    pub fn http_panicked(&self) {
        self.panics.of(["http".into()]).inc();
    }

    /// A command panicked.
    pub fn command_panicked(&self) {
        self.panics.of(["websocket".into()]).inc();
    }

    /// Everything as text, by [`EXPOSITION_MEDIA_TYPE`].
    pub(super) fn expose(&self) -> String {
        let mut text = String::new();
        encode(&mut text, &self.registry).expect("a string takes everything");
        text
    }
}

impl Default for Metrics {
    /// Of a server that started when time began.
    fn default() -> Self {
        Self::new(Timestamp(0))
    }
}
