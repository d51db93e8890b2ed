//! How many live objects the hub holds, for whoever measures.

use super::Hub;

/// How many live objects there are.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Census {
    /// Connections that live.
    pub connections: usize,
    /// Streams that they follow, each for each.
    pub subscriptions: usize,
    /// Users with a connection, or with one within the grace.
    pub users: usize,
    /// What waits for all of them together.
    pub queued_bytes: usize,
    /// What waits for the slowest.
    pub longest_queue_bytes: usize,
}

impl Hub {
    /// Counts everything where it is kept.
    pub fn census(&self) -> Census {
        let state = self.lock();
        let (mut queued_bytes, mut longest_queue_bytes) = (0, 0);
        for live in state.connections.values() {
            let bytes = live.handle.queue.bytes();
            queued_bytes += bytes;
            longest_queue_bytes = longest_queue_bytes.max(bytes);
        }
        Census {
            connections: state.connections.len(),
            subscriptions: state.followers.values().map(std::collections::BTreeSet::len).sum(),
            users: state.users.len(),
            queued_bytes,
            longest_queue_bytes,
        }
    }
}
