//! What the server counts and measures of itself (REQUIREMENTS.md WS-9), as OpenMetrics 1.0 text for Prometheus.
//!
//! One [`Metrics`] belongs to one server; nothing is process-wide. Labels have few values that are known beforehand: names
//! of commands, routes as they are written in the code, codes. Never an identifier, an address or a path that a client
//! sent. What is counted changes nothing of what the server does, and series are written in the order of their labels.
//!
//! - `registry`: all of them;
//! - `http`, `websocket`, `store`, `feed`, `limits`, `files`: what each part counts as it happens;
//! - `live`: what is looked at only when somebody asks;
//! - `labelled`, `register`: how a metric is made;
//! - `exporter`: the listener that is for metrics alone.

mod exporter;
mod feed;
mod files;
mod http;
mod labelled;
mod limits;
mod live;
mod register;
mod registry;
mod store;
mod websocket;

pub use exporter::Exporter;
pub use feed::{FeedMetrics, LineOutcome};
pub use files::{FileMetrics, Way};
pub use http::{HttpMetrics, InFlight, OpenStream};
pub use labelled::Labelled;
pub use limits::{Limit, LimitMetrics, LoginOutcome};
pub(crate) use live::scrape;
pub use registry::{EXPOSITION_MEDIA_TYPE, Metrics};
pub use store::StoreMetrics;
pub use websocket::{Ending, FrameKind, OpenConnection, OpenTask, Received, WebSocketMetrics};
