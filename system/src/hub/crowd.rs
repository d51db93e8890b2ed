//! Connections too many: of one user, and in all (REQUIREMENTS.md WS-10).

use super::{Closing, Hub};
use crate::metrics::Limit;
use crate::protocol::{CloseCode, UserId};

impl Hub {
    /// Closes what a user has too many, now that their connection `newest` is there: their oldest with 4030, or the
    /// newest itself with 4513.
    pub fn limit_user(&self, user: UserId, newest: u64, most: usize, newest_wins: bool) {
        let state = self.lock();
        let Some(presence) = state.users.get(&user).filter(|presence| presence.connections.len() > most) else {
            return;
        };
        self.metrics.limits.hit(Limit::ConnectionsPerUser);
        let too_many = presence.connections.len() - most;
        let oldest = presence.connections.iter().filter(|id| **id != newest).take(too_many);
        let (closed, code): (Vec<u64>, _) = match newest_wins {
            true => (oldest.copied().collect(), CloseCode::Superseded),
            false => (vec![newest], CloseCode::LimitReached),
        };
        for live in closed.iter().filter_map(|id| state.connections.get(id)) {
            live.handle.queue.close(Closing::after_queue(code, 0));
        }
    }

    /// Asks the newest connections beyond `most` to come back later: how many.
    pub fn shed(&self, most: usize) -> usize {
        let state = self.lock();
        let mut shed = 0;
        for live in state.connections.values().skip(most) {
            live.handle.queue.close(Closing::after_queue(CloseCode::TryAgainLater, 5_000));
            shed += 1;
        }
        shed
    }
}
