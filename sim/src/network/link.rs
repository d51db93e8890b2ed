//! The way between one device and the server: what interrupts it, and which connections use it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::task::Waker;
use std::time::Duration;

use tokio::sync::Notify;

use super::effect::Tally;
use crate::faults::Direction;

/// One way of a link.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Way {
    /// From the device to the server.
    Up,
    /// From the server to the device.
    Down,
}

/// Whether segments pass.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Gate {
    /// They do.
    Open,
    /// They do not.
    Closed {
        /// Since when, without a break.
        since: Duration,
        /// They are lost, and sent again by TCP; otherwise they only wait.
        loses: bool,
    },
}

impl Gate {
    /// Two gates, one behind the other.
    pub(super) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Open, gate) | (gate, Self::Open) => gate,
            (Self::Closed { since, loses }, Self::Closed { since: since_too, loses: loses_too }) => {
                Self::Closed { since: since.min(since_too), loses: loses || loses_too }
            }
        }
    }
}

/// Names a connection among those of its device: its purpose, and its number among those of that purpose.
pub(super) type ConnectionName = (&'static str, u64);

/// The way between one device and the server.
#[derive(Default)]
pub(super) struct Link {
    interruptions: BTreeMap<u32, Interruption>,
    attempts: BTreeMap<&'static str, u64>,
    connections: BTreeMap<ConnectionName, Registration>,
    changed: Arc<Notify>,
}

/// What keeps segments from passing, until it ends.
pub(super) struct Interruption {
    pub(super) kind: &'static str,
    pub(super) direction: Direction,
    pub(super) since: Duration,
    pub(super) loses: bool,
    pub(super) tally: Tally,
}

/// A connection, as far as the weather must know it.
struct Registration {
    waker: Waker,
    /// The life of the server that it reaches.
    life: usize,
    is_open: bool,
    is_reset: bool,
}

impl Link {
    /// Begins what the history's `step` does to this link.
    pub(super) fn interrupt(&mut self, step: u32, interruption: Interruption) {
        self.interruptions.insert(step, interruption);
    }

    /// Ends what the history's `step` did to this link.
    pub(super) fn resume(&mut self, step: u32) -> Option<Interruption> {
        self.interruptions.remove(&step)
    }

    /// The steps whose interruptions last.
    pub(super) fn interrupting_steps(&self) -> Vec<u32> {
        self.interruptions.keys().copied().collect()
    }

    /// Whether segments pass that way.
    pub(super) fn gate(&self, way: Way) -> Gate {
        self.interruptions
            .values()
            .filter(|interruption| interruption.concerns(way))
            .map(|interruption| Gate::Closed { since: interruption.since, loses: interruption.loses })
            .fold(Gate::Open, Gate::and)
    }

    /// Lets `count` note on all interruptions of that way what they did.
    pub(super) fn tally(&mut self, way: Way, count: impl Fn(&mut Tally)) {
        for interruption in self.interruptions.values_mut().filter(|interruption| interruption.concerns(way)) {
            count(&mut interruption.tally);
        }
    }

    /// The number of the next connection for this purpose.
    pub(super) fn next_ordinal(&mut self, purpose: &'static str) -> u64 {
        let attempts = self.attempts.entry(purpose).or_default();
        *attempts += 1;
        *attempts - 1
    }

    /// From now on the connection is woken by changes of the weather.
    pub(super) fn register(&mut self, name: ConnectionName, life: usize, waker: Waker) {
        self.connections.insert(name, Registration { waker, life, is_open: true, is_reset: false });
    }

    /// The device has let go of the connection; what it sent may still be on its way.
    pub(super) fn mark_closed(&mut self, name: ConnectionName) {
        if let Some(registration) = self.connections.get_mut(&name) {
            registration.is_open = false;
        }
    }

    /// The connection is no more.
    pub(super) fn forget(&mut self, name: ConnectionName) {
        self.connections.remove(&name);
    }

    /// Resets all open connections; how many.
    pub(super) fn reset(&mut self) -> usize {
        let open = self.connections.values_mut().filter(|registration| registration.is_open);
        open.map(|registration| {
            registration.is_open = false;
            registration.is_reset = true;
        })
        .count()
    }

    /// Whether that connection was reset.
    pub(super) fn is_reset(&self, name: ConnectionName) -> bool {
        self.connections.get(&name).is_some_and(|registration| registration.is_reset)
    }

    /// The lives of the server that its open connections for this purpose reach.
    pub(super) fn lives(&self, purpose: &str) -> impl Iterator<Item = usize> {
        let open = self.connections.iter().filter(move |((of, _), connection)| *of == purpose && connection.is_open);
        open.map(|(_, connection)| connection.life)
    }

    /// How many connections are open.
    pub(super) fn open_connections(&self) -> usize {
        self.connections.values().filter(|registration| registration.is_open).count()
    }

    /// Whoever must look again when the weather changed.
    pub(super) fn wakers(&self) -> impl Iterator<Item = Waker> + use<'_> {
        self.connections.values().map(|registration| registration.waker.clone())
    }

    /// Tells connection attempts that the weather changed.
    pub(super) fn changed(&self) -> Arc<Notify> {
        Arc::clone(&self.changed)
    }
}

impl Interruption {
    fn concerns(&self, way: Way) -> bool {
        match self.direction {
            Direction::Both => true,
            Direction::Up => way == Way::Up,
            Direction::Down => way == Way::Down,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn interruption(direction: Direction, since_s: u64, loses: bool) -> Interruption {
        Interruption { kind: "cut", direction, since: Duration::from_secs(since_s), loses, tally: Tally::default() }
    }

    #[test]
    fn a_way_is_open_again_when_all_that_closed_it_has_ended() {
        let mut link = Link::default();
        link.interrupt(1, interruption(Direction::Up, 3, false));
        link.interrupt(2, interruption(Direction::Both, 5, true));
        assert_eq!(link.gate(Way::Up), Gate::Closed { since: Duration::from_secs(3), loses: true });
        assert_eq!(link.gate(Way::Down), Gate::Closed { since: Duration::from_secs(5), loses: true });
        assert!(link.resume(2).is_some());
        assert!(link.resume(2).is_none());
        assert_eq!(link.gate(Way::Up), Gate::Closed { since: Duration::from_secs(3), loses: false });
        assert_eq!(link.gate(Way::Down), Gate::Open);
    }

    #[test]
    fn connections_are_numbered_by_purpose() {
        let mut link = Link::default();
        let ordinals = ["ws", "rest", "ws", "ws", "rest"].map(|purpose| link.next_ordinal(purpose));
        assert_eq!(ordinals, [0, 0, 1, 2, 1]);
    }

    #[test]
    fn only_open_connections_are_reset() {
        let mut link = Link::default();
        for ordinal in 0..3 {
            link.register(("ws", ordinal), 0, Waker::noop().clone());
        }
        link.mark_closed(("ws", 0));
        link.forget(("ws", 1));
        assert_eq!((link.open_connections(), link.reset(), link.reset()), (1, 1, 0));
        assert_eq!([0, 1, 2].map(|ordinal| link.is_reset(("ws", ordinal))), [false, false, true]);
    }
}
