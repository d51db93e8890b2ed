//! One direction of a connection: segments on their way, in order.
//!
//! Pure over time: it is told what time it is and whether the way is open, and does no I/O.

use std::collections::VecDeque;
use std::fmt;
use std::time::Duration;

use bytes::{Buf, Bytes};

use super::link::Gate;
use super::retransmission;
use crate::words::amount;

/// At most so much is on its way before the sender must wait.
pub(super) const WINDOW_BYTES: usize = 64 * 1024;

/// The same, towards a device that does not keep up: in scale with the few messages of a history.
pub(super) const BACKED_UP_WINDOW_BYTES: usize = 2 * 1024;

/// Segments of one slot are told apart by their order only.
const SLOT_MS: u64 = 10;

/// What a segment carries.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Load {
    /// Some of the stream.
    Bytes(Bytes),
    /// The end of the stream.
    End,
    /// The end of the connection.
    Reset,
}

impl fmt::Display for Load {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bytes(bytes) => formatter.write_str(&amount(bytes.len() as u64, "byte", "bytes")),
            Self::End => formatter.write_str("the end"),
            Self::Reset => formatter.write_str("a reset"),
        }
    }
}

/// What is at the front of a lane.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Front {
    /// There is nothing.
    Nothing,
    /// It arrives at this time.
    Arrives(Duration),
    /// It waits for the way to open.
    Waits,
    /// It has arrived.
    Here,
}

/// Segments on their way, in order: one that is late makes all behind it late.
#[derive(Default)]
pub(super) struct Lane {
    segments: VecDeque<Segment>,
    bytes: usize,
    /// The slot of time of the last segment, and how many there were in it before that.
    place: Option<(u64, u64)>,
    last_arrival: Duration,
    held: Option<Held>,
}

struct Segment {
    load: Load,
    sent_at: Duration,
    arrives_at: Duration,
}

/// The front waits, or waited when it was last looked at.
struct Held {
    since: Duration,
    is_lost: bool,
    counted_bytes: usize,
}

impl Lane {
    /// Where the next segment stands: in which slot of time, and behind how many in it. What happens to it alone is keyed
    /// by that, so that a message which is not sent leaves those behind it their own.
    pub(super) fn next_place(&mut self, now: Duration) -> (u64, u64) {
        let slot = u64::try_from(now.as_millis()).unwrap_or(u64::MAX) / SLOT_MS;
        let place = match self.place {
            Some((last, before)) if last >= slot => (last, before + 1),
            _ => (slot, 0),
        };
        self.place = Some(place);
        place
    }

    /// Sends a segment, or a piece of one. Pieces have no places of their own: a way that breaks segments up leaves the
    /// draws of all later ones as they were.
    pub(super) fn send(&mut self, load: Load, now: Duration, latency: Duration) {
        if let Load::Bytes(bytes) = &load {
            self.bytes += bytes.len();
        }
        self.last_arrival = self.last_arrival.max(now + latency);
        self.segments.push_back(Segment { load, sent_at: now, arrives_at: self.last_arrival });
    }

    /// How the front segment fares on a way whose gate stands as `gate` does now.
    pub(super) fn look(&mut self, now: Duration, gate: Gate) -> Front {
        let Some(front) = self.segments.front() else { return Front::Nothing };
        match gate {
            // What arrived before the gate closed is there, even if nobody has fetched it; but what one closure held
            // back stays held by the next, which may have begun later.
            Gate::Closed { since, loses } if self.held.is_some() || front.arrives_at >= since => {
                if front.arrives_at > now {
                    return Front::Arrives(front.arrives_at);
                }
                let held =
                    self.held.get_or_insert(Held { since: since.max(front.sent_at), is_lost: false, counted_bytes: 0 });
                held.is_lost |= loses;
                return Front::Waits;
            }
            Gate::Closed { .. } => {}
            Gate::Open => {
                if let Some(Held { since, is_lost: true, .. }) = self.held.take() {
                    self.delay_until(retransmission::of_data(since, now));
                }
            }
        }
        match self.segments.front() {
            Some(front) if front.arrives_at > now => Front::Arrives(front.arrives_at),
            _ => Front::Here,
        }
    }

    /// The front segment's load.
    pub(super) fn front(&self) -> Option<&Load> {
        self.segments.front().map(|segment| &segment.load)
    }

    /// Takes `count` bytes off the front segment, and the segment if these are all.
    pub(super) fn consume(&mut self, count: usize) {
        if let Some(Segment { load: Load::Bytes(bytes), .. }) = self.segments.front_mut() {
            bytes.advance(count);
            self.bytes -= count;
            if !bytes.is_empty() {
                return;
            }
        }
        self.segments.pop_front();
    }

    /// Forgets everything that is on its way.
    pub(super) fn clear(&mut self) {
        self.segments.clear();
        self.bytes = 0;
        self.held = None;
    }

    /// How many more bytes may be sent into a window of that size.
    pub(super) fn room_bytes(&self, window_bytes: usize) -> usize {
        window_bytes.saturating_sub(self.bytes)
    }

    /// Nothing is on its way.
    pub(super) fn is_empty(&self) -> bool {
        self.segments.is_empty()
    }

    /// The front waited for the way to open when it was last looked at.
    pub(super) fn is_held(&self) -> bool {
        self.held.is_some()
    }

    /// How many bytes wait that were not counted before.
    pub(super) fn count_held_bytes(&mut self) -> usize {
        let Some(held) = &mut self.held else { return 0 };
        // While the front waits nothing is consumed, so there are never fewer bytes than before.
        self.bytes - std::mem::replace(&mut held.counted_bytes, self.bytes)
    }

    /// What would arrive later than `time` arrives then: a queue on the way has dissolved.
    pub(super) fn hurry(&mut self, time: Duration) {
        self.last_arrival = self.last_arrival.min(time);
        for segment in &mut self.segments {
            segment.arrives_at = segment.arrives_at.min(time);
        }
    }

    fn delay_until(&mut self, time: Duration) {
        self.last_arrival = self.last_arrival.max(time);
        for segment in &mut self.segments {
            segment.arrives_at = segment.arrives_at.max(time);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    fn cut(since_ms: u64) -> Gate {
        Gate::Closed { since: ms(since_ms), loses: true }
    }

    fn lane_with(text: &'static str, sent_ms: u64, latency_ms: u64) -> Lane {
        let mut lane = Lane::default();
        lane.send(Load::Bytes(Bytes::from_static(text.as_bytes())), ms(sent_ms), ms(latency_ms));
        lane
    }

    #[test]
    fn a_late_segment_makes_those_behind_it_late() {
        let mut lane = lane_with("slow", 0, 50);
        lane.send(Load::End, ms(1), ms(5));
        assert_eq!(lane.look(ms(10), Gate::Open), Front::Arrives(ms(50)));
        assert_eq!(lane.look(ms(50), Gate::Open), Front::Here);
        lane.consume(4);
        assert_eq!(lane.front(), Some(&Load::End));
        assert_eq!(lane.look(ms(50), Gate::Open), Front::Here);
    }

    #[test]
    fn after_a_cut_data_comes_with_the_next_retransmission() {
        let mut lane = lane_with("lost", 90, 20);
        assert_eq!(lane.look(ms(100), cut(100)), Front::Arrives(ms(110)));
        assert_eq!(lane.look(ms(110), cut(100)), Front::Waits);
        assert_eq!((lane.is_held(), lane.count_held_bytes(), lane.count_held_bytes()), (true, 4, 0));
        lane.send(Load::End, ms(650), ms(5));
        // Attempts at 100, 300, 700, 1500 ms: the first after the heal at 701 is the last of these.
        assert_eq!(lane.look(ms(701), Gate::Open), Front::Arrives(ms(1_500)));
        assert_eq!(lane.look(ms(1_500), Gate::Open), Front::Here);
        lane.consume(4);
        assert_eq!(lane.look(ms(1_500), Gate::Open), Front::Here);
    }

    #[test]
    fn what_was_sent_during_a_cut_is_retransmitted_by_its_own_clock() {
        let mut lane = lane_with("lost", 5_000, 20);
        assert_eq!(lane.look(ms(5_020), cut(100)), Front::Waits);
        assert_eq!(lane.look(ms(5_150), Gate::Open), Front::Arrives(ms(5_200)));
    }

    #[test]
    fn a_stall_loses_nothing_and_delays_nothing_beyond_its_end() {
        let mut lane = lane_with("late", 90, 20);
        assert_eq!(lane.look(ms(120), Gate::Closed { since: ms(100), loses: false }), Front::Waits);
        assert_eq!(lane.look(ms(701), Gate::Open), Front::Here);
    }

    #[test]
    fn what_one_cut_holds_does_not_slip_through_a_later_one() {
        let mut lane = lane_with("lost", 90, 20);
        assert_eq!(lane.look(ms(110), cut(100)), Front::Waits);
        assert_eq!(lane.look(ms(300), cut(200)), Front::Waits);
        assert_eq!(lane.look(ms(400), Gate::Open), Front::Arrives(ms(700)));
    }

    #[test]
    fn what_arrived_before_a_cut_or_is_due_after_it_does_not_notice() {
        let mut lane = lane_with("early", 50, 20);
        assert_eq!(lane.look(ms(500), cut(100)), Front::Here);
        let mut lane = lane_with("late", 90, 200);
        assert_eq!(lane.look(ms(100), cut(100)), Front::Arrives(ms(290)));
        assert_eq!(lane.look(ms(200), Gate::Open), Front::Arrives(ms(290)));
    }

    #[test]
    fn bytes_are_counted_until_the_last_one_is_consumed() {
        let mut lane = lane_with("four", 0, 0);
        assert_eq!(lane.room_bytes(WINDOW_BYTES), WINDOW_BYTES - 4);
        lane.consume(3);
        assert_eq!((lane.room_bytes(WINDOW_BYTES), lane.is_empty()), (WINDOW_BYTES - 1, false));
        lane.consume(1);
        assert_eq!((lane.room_bytes(WINDOW_BYTES), lane.is_empty()), (WINDOW_BYTES, true));
    }
}
