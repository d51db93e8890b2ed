//! The live conversation feed: what became of lines.

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use super::labelled::{LabelValue, Labelled};
use super::register::{counter, counters, gauge};

/// What is counted of the feed.
#[derive(Debug)]
pub struct FeedMetrics {
    lines: Labelled<2, Counter>,
    files: Gauge,
    scans: Counter,
}

/// What became of a line.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LineOutcome {
    /// A message was made, changed or deleted.
    Applied,
    /// It is none that can be read: passed over.
    Unreadable,
    /// Its conversation cannot be written to for now, for this reason.
    Held(&'static str),
    /// Its room was deleted.
    RoomDeleted,
    /// The store refused, and it is tried again.
    Failed,
}

impl LineOutcome {
    /// Those whose cause is in their name.
    const PLAIN: [Self; 4] = [Self::Applied, Self::Unreadable, Self::RoomDeleted, Self::Failed];

    fn labels(self) -> [LabelValue; 2] {
        match self {
            Self::Applied => ["applied".into(), "none".into()],
            Self::Unreadable => ["unreadable".into(), "none".into()],
            Self::Held(why) => ["held".into(), why.into()],
            Self::RoomDeleted => ["room_deleted".into(), "none".into()],
            Self::Failed => ["failed".into(), "none".into()],
        }
    }
}

impl FeedMetrics {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let registry = registry.sub_registry_with_prefix("feed");
        let help = "Lines of conversation files, by what became of them; one that is tried again counts again";
        let lines = counters(registry, "lines", help, ["outcome", "cause"]);
        for outcome in LineOutcome::PLAIN {
            lines.of(outcome.labels());
        }
        Self {
            lines,
            files: gauge(registry, "files", "Conversation files that are followed"),
            scans: counter(registry, "scans", "Looks at the whole directory"),
        }
    }

    /// This became of so many lines.
    pub fn lines(&self, outcome: LineOutcome, count: usize) {
        self.lines.of(outcome.labels()).inc_by(count as u64);
    }

    /// Everything was looked at.
    pub fn scanned(&self) {
        self.scans.inc();
    }

    /// So many files are followed now.
    pub fn files(&self, count: usize) {
        self.files.set(i64::try_from(count).unwrap_or(i64::MAX));
    }
}
