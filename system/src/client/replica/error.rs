//! What a replica refuses to believe.

use crate::protocol::Epoch;

/// What the server said does not fit what it said before.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ReplicaError {
    /// Events are missing (PROTOCOL.md, promise 3).
    #[error("event {got} came where {expected} was due: what lies between was never delivered")]
    Gap {
        /// The next position.
        expected: u64,
        /// The position that came.
        got: u64,
    },
    /// An event came again (PROTOCOL.md, promise 3). It is not applied twice.
    #[error("event {got} came again after {reached}")]
    Repeat {
        /// The last position pushed.
        reached: u64,
        /// The position that came.
        got: u64,
    },
    /// An event of another history than the subscription's.
    #[error("an event of epoch {} came in a subscription to epoch {}", .got.0, .expected.0)]
    OtherEpoch {
        /// The subscription's.
        expected: Epoch,
        /// The event's.
        got: Epoch,
    },
    /// An event of a stream that is not followed (PROTOCOL.md, promise 6).
    #[error("an event came of a stream that is not followed")]
    NotFollowed,
    /// `recovered: true`, but not from where this client is (PROTOCOL.md, promise 5).
    #[error("the server resumed from {got}, but this client {}", whereabouts(.expected))]
    ResumedElsewhere {
        /// Where this client is; absent: it asked for nothing.
        expected: Option<u64>,
        /// From where the server delivers.
        got: u64,
    },
    /// An event that cannot follow from the state.
    #[error("`{kind}` is impossible here: {reason}")]
    Impossible {
        /// The event's type.
        kind: &'static str,
        /// What contradicts it.
        reason: &'static str,
    },
    /// A snapshot of another kind of stream than was asked for.
    #[error("the snapshot is not of the kind of its stream")]
    WrongSnapshot,
}

fn whereabouts(position: &Option<u64>) -> String {
    match position {
        Some(seq) => format!("is at {seq}"),
        None => "asked for nothing".to_owned(),
    }
}
