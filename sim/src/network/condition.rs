//! What a lasting fault makes of the way between one device and the server.

use crate::faults::Direction;

/// What a lasting fault makes of the way between one device and the server. Several may hold at once.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Condition {
    /// Nothing passes.
    Closed {
        /// Which way.
        direction: Direction,
        /// It is lost, and sent again by TCP; otherwise it only waits.
        loses: bool,
    },
    /// Each segment takes longer: `extra_ms`, and up to `jitter_ms` more.
    Slow {
        /// What every segment takes longer.
        extra_ms: u64,
        /// What one may take longer than another.
        jitter_ms: u64,
    },
    /// Each transmission of a segment is lost with this chance, and TCP sends it again: late, and all behind it too.
    Lossy {
        /// The chance, of a hundred.
        percent: u64,
    },
    /// No more bytes than these pass in a second, each way.
    Narrow {
        /// How many.
        bytes_per_s: u64,
    },
    /// Segments arrive in pieces.
    Fragmented {
        /// The largest piece.
        most_bytes: u64,
    },
    /// The device takes no more bytes than these in a second, out of a small buffer; what it says passes.
    ReadsSlowly {
        /// How many.
        bytes_per_s: u64,
    },
    /// Whoever connects is refused; connections that exist go on.
    RefusesConnections,
    /// Whoever connects hears nothing; connections that exist go on.
    HoldsConnections,
    /// A box on the way forgets connections on which nothing passed for so long: nothing passes on them ever again, and
    /// nobody is told.
    ForgetsIdle {
        /// How long.
        after_ms: u64,
    },
}

impl Condition {
    /// The device does not take what is sent to it as fast as it is sent, so that it piles up at the server.
    pub(super) fn backs_up(self) -> bool {
        match self {
            Self::ReadsSlowly { .. } => true,
            Self::Closed { direction, .. } => direction != Direction::Up,
            _ => false,
        }
    }
}
