//! The way between one device and the server: what interrupts it, and which connections use it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::task::Waker;
use std::time::Duration;

use tokio::sync::Notify;

use super::condition::Condition;
use super::effect::{Harm, Tally};
use super::retransmission;
use crate::faults::Direction;
use crate::keyed::Key;

/// One way of a link.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Way {
    /// From the device to the server.
    Up,
    /// From the server to the device.
    Down,
}

impl Way {
    /// Its name, in keys and in words.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Down => "down",
        }
    }
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
    lasting: BTreeMap<u32, Lasting>,
    /// When a narrow way is free again: up, and down.
    free_at: [Duration; 2],
    /// When a narrow way last became wide, and what had queued was let go.
    widened_at: Option<Duration>,
    attempts: BTreeMap<&'static str, u64>,
    connections: BTreeMap<ConnectionName, Registration>,
    changed: Arc<Notify>,
}

/// A condition that a fault brought about, until it ends.
pub(super) struct Lasting {
    pub(super) condition: Condition,
    pub(super) since: Duration,
    pub(super) tally: Tally,
}

/// What becomes of an attempt to connect.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Admission {
    /// It goes on.
    Granted,
    /// It is refused.
    Refused,
    /// It hears nothing.
    Held,
}

/// A connection, as far as the weather must know it.
struct Registration {
    waker: Waker,
    /// The life of the server that it reaches.
    life: usize,
    is_open: bool,
    blow: Option<Blow>,
}

/// What struck a connection, for good.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Blow {
    /// Both ends hear of a reset.
    Reset,
    /// The device's end is gone, and the server's hears nothing.
    Vanished,
}

impl Link {
    /// Begins what the history's `step` does to this link.
    pub(super) fn begin(&mut self, step: u32, lasting: Lasting) {
        self.lasting.insert(step, lasting);
    }

    /// Ends what the history's `step` did to this link.
    pub(super) fn end(&mut self, step: u32, now: Duration) -> Option<Lasting> {
        let ended = self.lasting.remove(&step)?;
        let is_narrow = |lasting: &Lasting| matches!(lasting.condition, Condition::Narrow { .. });
        if is_narrow(&ended) && !self.lasting.values().any(is_narrow) {
            self.free_at = [now; 2];
            self.widened_at = Some(now);
        }
        Some(ended)
    }

    /// When a narrow way last became wide.
    pub(super) fn widened_at(&self) -> Option<Duration> {
        self.widened_at
    }

    /// The steps whose conditions last.
    pub(super) fn lasting_steps(&self) -> Vec<u32> {
        self.lasting.keys().copied().collect()
    }

    /// Whether segments pass that way.
    pub(super) fn gate(&self, way: Way) -> Gate {
        self.lasting.values().map(|lasting| lasting.gate(way)).fold(Gate::Open, Gate::and)
    }

    /// Whether somebody may connect.
    pub(super) fn admission(&mut self) -> Admission {
        let mut admission = Admission::Granted;
        for lasting in self.lasting.values_mut() {
            match lasting.condition {
                Condition::RefusesConnections => {
                    lasting.tally.add(Harm::RefusedAttempts, 1);
                    return Admission::Refused;
                }
                Condition::HoldsConnections => admission = Admission::Held,
                _ => {}
            }
        }
        admission
    }

    /// How long a segment takes that would take `calm` if nothing were wrong. `key` is its own.
    pub(super) fn passage(&mut self, way: Way, key: Key, bytes: usize, now: Duration, calm: Duration) -> Duration {
        let mut takes = calm;
        for (step, lasting) in &mut self.lasting {
            let key = key.with(*step);
            match lasting.condition {
                Condition::Slow { extra_ms, jitter_ms } => {
                    takes += Duration::from_millis(extra_ms + key.between(0, jitter_ms));
                    lasting.tally.add(Harm::LateSegments, 1);
                }
                Condition::Lossy { percent } => {
                    let losses = retransmission::draw_losses(key, percent);
                    takes += retransmission::of_losses(losses);
                    lasting.tally.add(Harm::LostSegments, losses as usize);
                }
                Condition::Narrow { bytes_per_s } => {
                    let free_at = &mut self.free_at[way as usize];
                    let waits = free_at.saturating_sub(now);
                    *free_at = now + waits + time_of(bytes, bytes_per_s);
                    takes += *free_at - now;
                    lasting.tally.add(Harm::QueuedBytes, bytes);
                }
                _ => {}
            }
        }
        takes
    }

    /// The largest piece that a segment arrives in, if it does not arrive whole.
    pub(super) fn most_piece_bytes(&self) -> Option<u64> {
        self.conditions()
            .filter_map(|condition| match condition {
                Condition::Fragmented { most_bytes } => Some(most_bytes),
                _ => None,
            })
            .min()
    }

    /// How many bytes the device reads in a second, if it reads slowly.
    pub(super) fn reads_bytes_per_s(&self) -> Option<u64> {
        self.conditions()
            .filter_map(|condition| match condition {
                Condition::ReadsSlowly { bytes_per_s } => Some(bytes_per_s),
                _ => None,
            })
            .min()
    }

    /// After how long without a segment a connection is forgotten, if it is.
    pub(super) fn forgets_after(&self) -> Option<Duration> {
        self.conditions()
            .filter_map(|condition| match condition {
                Condition::ForgetsIdle { after_ms } => Some(Duration::from_millis(after_ms)),
                _ => None,
            })
            .min()
    }

    /// What is sent to the device piles up at the server.
    pub(super) fn backs_up(&self) -> bool {
        self.conditions().any(Condition::backs_up)
    }

    /// Notes on every condition that can do that harm that it has done it. Segments are held only on a way that is closed.
    pub(super) fn tally(&mut self, harm: Harm, way: Option<Way>, count: usize) {
        for lasting in self.lasting.values_mut().filter(|lasting| lasting.does(harm, way)) {
            lasting.tally.add(harm, count);
        }
    }

    fn conditions(&self) -> impl Iterator<Item = Condition> + use<'_> {
        self.lasting.values().map(|lasting| lasting.condition)
    }

    /// The number of the next connection for this purpose.
    pub(super) fn next_ordinal(&mut self, purpose: &'static str) -> u64 {
        let attempts = self.attempts.entry(purpose).or_default();
        *attempts += 1;
        *attempts - 1
    }

    /// From now on the connection is woken by changes of the weather.
    pub(super) fn register(&mut self, name: ConnectionName, life: usize, waker: Waker) {
        self.connections.insert(name, Registration { waker, life, is_open: true, blow: None });
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

    /// Strikes all open connections; how many.
    pub(super) fn strike(&mut self, blow: Blow) -> usize {
        let open = self.connections.values_mut().filter(|registration| registration.is_open);
        open.map(|registration| {
            registration.is_open = false;
            registration.blow = Some(blow);
        })
        .count()
    }

    /// What struck that connection.
    pub(super) fn blow(&self, name: ConnectionName) -> Option<Blow> {
        self.connections.get(&name).and_then(|registration| registration.blow)
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

impl Lasting {
    fn gate(&self, way: Way) -> Gate {
        match self.condition {
            Condition::Closed { direction, loses } if concerns(direction, way) => {
                Gate::Closed { since: self.since, loses }
            }
            _ => Gate::Open,
        }
    }

    /// Whether it is this condition that does that harm.
    fn does(&self, harm: Harm, way: Option<Way>) -> bool {
        match self.condition {
            Condition::Closed { direction, .. } => {
                matches!(harm, Harm::HeldBytes | Harm::HeldAttempts) && way.is_none_or(|way| concerns(direction, way))
            }
            Condition::HoldsConnections => harm == Harm::HeldAttempts && way.is_none(),
            Condition::Fragmented { .. } => harm == Harm::Pieces,
            Condition::ReadsSlowly { .. } => harm == Harm::SlowlyReadBytes,
            Condition::ForgetsIdle { .. } => harm == Harm::ForgottenConnections,
            // These count for themselves.
            Condition::Slow { .. }
            | Condition::Lossy { .. }
            | Condition::Narrow { .. }
            | Condition::RefusesConnections => false,
        }
    }
}

fn concerns(direction: Direction, way: Way) -> bool {
    match direction {
        Direction::Both => true,
        Direction::Up => way == Way::Up,
        Direction::Down => way == Way::Down,
    }
}

/// How long `bytes` take at that rate.
pub(super) fn time_of(bytes: usize, bytes_per_s: u64) -> Duration {
    Duration::from_millis((bytes as u64).saturating_mul(1_000) / bytes_per_s.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn closed(direction: Direction, since_s: u64, loses: bool) -> Lasting {
        lasting(Condition::Closed { direction, loses }, since_s)
    }

    fn lasting(condition: Condition, since_s: u64) -> Lasting {
        Lasting { condition, since: Duration::from_secs(since_s), tally: Tally::default() }
    }

    const fn ms(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    #[test]
    fn a_way_is_open_again_when_all_that_closed_it_has_ended() {
        let mut link = Link::default();
        link.begin(1, closed(Direction::Up, 3, false));
        link.begin(2, closed(Direction::Both, 5, true));
        assert_eq!(link.gate(Way::Up), Gate::Closed { since: Duration::from_secs(3), loses: true });
        assert_eq!(link.gate(Way::Down), Gate::Closed { since: Duration::from_secs(5), loses: true });
        assert!(link.end(2, Duration::ZERO).is_some());
        assert!(link.end(2, Duration::ZERO).is_none());
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
    fn only_open_connections_are_struck() {
        let mut link = Link::default();
        for ordinal in 0..3 {
            link.register(("ws", ordinal), 0, Waker::noop().clone());
        }
        link.mark_closed(("ws", 0));
        link.forget(("ws", 1));
        assert_eq!((link.open_connections(), link.strike(Blow::Reset), link.strike(Blow::Vanished)), (1, 1, 0));
        assert_eq!([0, 1, 2].map(|ordinal| link.blow(("ws", ordinal))), [None, None, Some(Blow::Reset)]);
    }

    #[test]
    fn a_narrow_way_delivers_one_after_the_other() {
        let mut link = Link::default();
        link.begin(1, lasting(Condition::Narrow { bytes_per_s: 1_000 }, 0));
        let mut pass = |way, now| link.passage(way, Key::new(1), 100, ms(now), ms(5));
        assert_eq!(pass(Way::Up, 0), ms(105));
        assert_eq!(pass(Way::Up, 50), ms(155));
        assert_eq!(pass(Way::Down, 50), ms(105));
        assert_eq!(pass(Way::Up, 1_000), ms(105));
    }

    #[test]
    fn a_segment_is_late_by_its_own_key_and_by_nobody_elses() {
        let mut link = Link::default();
        link.begin(1, lasting(Condition::Slow { extra_ms: 100, jitter_ms: 50 }, 0));
        let mut pass = |key: u64| link.passage(Way::Up, Key::new(key), 1, ms(0), ms(5));
        let all: Vec<Duration> = (0..50).map(&mut pass).collect();
        assert!(all.iter().all(|takes| (ms(105)..=ms(155)).contains(takes)));
        assert_eq!(all, (0..50).map(pass).collect::<Vec<_>>());
        link.begin(2, lasting(Condition::Lossy { percent: 50 }, 0));
        let late = (0..50).filter(|key| link.passage(Way::Up, Key::new(*key), 1, ms(0), ms(5)) > ms(155)).count();
        assert!((10..=40).contains(&late), "{late} of 50 lost at a half");
    }

    #[test]
    fn connecting_is_refused_or_held_while_the_fault_lasts() {
        let mut link = Link::default();
        assert_eq!(link.admission(), Admission::Granted);
        link.begin(1, lasting(Condition::HoldsConnections, 0));
        assert_eq!(link.admission(), Admission::Held);
        link.begin(2, lasting(Condition::RefusesConnections, 0));
        assert_eq!(link.admission(), Admission::Refused);
        let device = Arc::from("ana/phone");
        let refused = link.end(2, Duration::ZERO).and_then(|lasting| lasting.tally.into_effect(2, &device));
        assert_eq!(refused.expect("it did something").text, "ana/phone: 1 refused connection attempt");
        assert_eq!(link.end(1, Duration::ZERO).map(|_| link.admission()), Some(Admission::Granted));
    }
}
