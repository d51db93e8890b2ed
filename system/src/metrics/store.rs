//! The store: commits, how many operations shared each, and what was committed.

use std::time::Duration;

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use super::Labelled;
use super::register::{counter, counters, seconds, sizes};

/// What is counted of the store.
#[derive(Debug)]
pub struct StoreMetrics {
    commit: Histogram,
    group: Histogram,
    failed: Counter,
    events: Labelled<1, Counter>,
}

impl StoreMetrics {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let events = counters(registry, "events_committed", "Events that were committed, by type", ["type"]);
        let registry = registry.sub_registry_with_prefix("store");
        Self {
            commit: seconds(
                registry,
                "commit",
                "From the writer's taking of a group of operations to its durable commit",
            ),
            group: sizes(registry, "commit_operations", "How many operations shared a commit"),
            failed: counter(registry, "commits_failed", "Commits that failed, each of which stops the server"),
            events,
        }
    }

    /// A group of operations is durable, or none of it was to be.
    pub fn committed(&self, operations: usize, took: Duration) {
        self.commit.observe(took.as_secs_f64());
        self.group.observe(operations as f64);
    }

    /// A commit failed.
    pub fn failed(&self) {
        self.failed.inc();
    }

    /// An event was committed.
    pub fn event(&self, kind: &'static str) {
        self.events.of([kind.into()]).inc();
    }
}
