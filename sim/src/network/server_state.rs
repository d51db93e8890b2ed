//! Whether the server is there, and how each of its lives ended.

use std::time::Duration;

/// How one life of the server ended, or that it did not.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Fate {
    /// It lives.
    Alive,
    /// It stopped by itself; its host closed what it had left open.
    Stopped,
    /// It was killed; its host resets what it had open.
    Killed,
    /// Its host lost power: nobody says anything.
    PowerLost,
}

/// The lives of the server so far.
#[derive(Default)]
pub(super) struct ServerState {
    fates: Vec<Fate>,
    dark_since: Option<Duration>,
}

impl ServerState {
    /// A new life begins.
    pub(super) fn start(&mut self) {
        self.fates.push(Fate::Alive);
        self.dark_since = None;
    }

    /// The current life, if there is one, ends.
    pub(super) fn end(&mut self, fate: Fate, now: Duration) {
        if let Some(last) = self.fates.last_mut()
            && *last == Fate::Alive
        {
            *last = fate;
        }
        if fate == Fate::PowerLost {
            self.dark_since = Some(now);
        }
    }

    /// Which life this is, counted from 0. None while no process runs.
    pub(super) fn living(&self) -> Option<usize> {
        let last = self.fates.len().checked_sub(1)?;
        (self.fates[last] == Fate::Alive).then_some(last)
    }

    /// How that life ended.
    pub(super) fn fate(&self, life: usize) -> Fate {
        self.fates.get(life).copied().unwrap_or(Fate::Alive)
    }

    /// Since when the server's host is without power.
    pub(super) fn dark_since(&self) -> Option<Duration> {
        self.dark_since
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_life_keeps_its_fate() {
        let mut server = ServerState::default();
        assert_eq!(server.living(), None);
        server.start();
        assert_eq!(server.living(), Some(0));
        server.end(Fate::Killed, Duration::ZERO);
        assert_eq!((server.living(), server.dark_since()), (None, None));
        server.start();
        server.end(Fate::PowerLost, Duration::from_secs(3));
        assert_eq!((server.living(), server.dark_since()), (None, Some(Duration::from_secs(3))));
        server.start();
        assert_eq!((server.living(), server.dark_since()), (Some(2), None));
        assert_eq!([0, 1, 2].map(|life| server.fate(life)), [Fate::Killed, Fate::PowerLost, Fate::Alive]);
    }

    #[test]
    fn power_may_fail_where_no_process_runs() {
        let mut server = ServerState::default();
        server.start();
        server.end(Fate::Killed, Duration::ZERO);
        server.end(Fate::PowerLost, Duration::from_secs(1));
        assert_eq!(server.fate(0), Fate::Killed);
        assert!(server.dark_since().is_some());
    }
}
