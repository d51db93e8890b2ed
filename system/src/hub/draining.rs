//! Emptying the server: for its shutdown, or because its operator wants the clients elsewhere (PROTOCOL.md, promise 12).

use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use super::{Closing, Hub};
use crate::protocol::CloseCode;

impl Hub {
    /// From here on a connection that is just being upgraded is told to come back later, as all are by [`Hub::drain`].
    pub fn begin_drain(&self, jitter_ms: u64) {
        self.lock().draining = Some(Closing::after_queue(CloseCode::ServiceRestart, jitter_ms));
    }

    /// Tells every connection to come back later, spread over `jitter_ms`, and closes it once its queue is sent. Those
    /// that are just being upgraded are told too. Stops when it is taken back.
    pub async fn drain(&self, jitter_ms: u64) {
        let closing = Closing::after_queue(CloseCode::ServiceRestart, jitter_ms);
        let ids: Vec<u64> = {
            let mut state = self.lock();
            state.draining = Some(closing);
            state.connections.keys().copied().collect()
        };
        let mut byte = [0; 8];
        let mut plan: Vec<(u64, u64)> = ids
            .into_iter()
            .map(|id| {
                self.platform.fill_random(&mut byte);
                (u64::from_le_bytes(byte) % jitter_ms.max(1), id)
            })
            .collect();
        plan.sort_unstable();
        let begin = Instant::now();
        for (delay_ms, id) in plan {
            sleep_until(begin + Duration::from_millis(delay_ms)).await;
            let state = self.lock();
            if state.draining.is_none() {
                return;
            }
            if let Some(live) = state.connections.get(&id) {
                live.handle.queue.close(closing);
            }
        }
    }

    /// Takes connections again.
    pub fn end_drain(&self) {
        self.lock().draining = None;
    }

    /// Whether the server is being emptied.
    pub fn is_draining(&self) -> bool {
        self.lock().draining.is_some()
    }

    /// Ends every connection at once: what waits for it is not sent any more.
    pub fn close_all(&self, code: CloseCode) {
        let state = self.lock();
        for live in state.connections.values() {
            live.handle.queue.close(Closing::at_once(code));
        }
    }
}
