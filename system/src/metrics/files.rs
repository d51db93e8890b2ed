//! Bytes of files, in and out.

use prometheus_client::metrics::counter::Counter;
use prometheus_client::registry::Registry;

use super::Labelled;
use super::register::byte_counters;

/// What is counted of files.
#[derive(Debug)]
pub struct FileMetrics {
    uploaded: Labelled<1, Counter>,
    downloaded: Counter,
}

/// By which way bytes came.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Way {
    /// Bodies of tus requests.
    Http,
    /// Binary frames.
    WebSocket,
}

impl Way {
    const ALL: [Self; 2] = [Self::Http, Self::WebSocket];

    fn name(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::WebSocket => "websocket",
        }
    }
}

impl FileMetrics {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let uploaded = byte_counters(registry, "uploaded", "Bytes of uploads that are durable, by their way", ["over"]);
        Self {
            uploaded: uploaded.with(Way::ALL.map(Way::name)),
            downloaded: byte_counters(registry, "downloaded", "Bytes of files that were handed out", []).of([]),
        }
    }

    /// Bytes of an upload are durable.
    pub fn uploaded(&self, way: Way, bytes: usize) {
        self.uploaded.of([way.name().into()]).inc_by(bytes as u64);
    }

    /// Bytes of a file were handed out.
    pub fn downloaded(&self, bytes: usize) {
        self.downloaded.inc_by(bytes as u64);
    }
}
