//! What the contract says to a wish in a state. Nothing here is the server's code, nor knows it: it is PROTOCOL.md and the
//! documentation of the wire types, written as functions. Where these are silent and the server's choice is taken over,
//! it says *observed*.

mod files;
mod members;
mod messages;
mod perform;
mod read;
mod rights;
mod rooms;
mod threads;
mod users;

use system::protocol::{ErrorCode, EventBody, SessionId, StreamId, Timestamp, UserId};
use uuid::Uuid;

use super::answer::Answer;
pub(super) use files::quota_without;
pub(super) use perform::decide;
pub(super) use read::read;

/// Who wants something, and by which login, where that is known.
#[derive(Clone, Copy, Debug)]
pub(super) struct Actor {
    /// The user.
    pub(super) user: UserId,
    /// The login.
    pub(super) session: Option<SessionId>,
}

/// What the server draws, and no model can foresee: it is taken from the event, and must be the same wherever it stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Drawn {
    /// When it happened, by the server's clock.
    pub(super) now: Timestamp,
    /// New identifiers, in the order in which objects are made.
    pub(super) ids: [Uuid; 2],
    /// Until when a new upload is kept.
    pub(super) expires_at: Option<Timestamp>,
    /// The most bytes that a user may take.
    pub(super) limit_bytes: Option<u64>,
}

impl Drawn {
    /// Nothing but a moment.
    pub(super) fn at(now: Timestamp) -> Self {
        Self { now, ids: [Uuid::nil(); 2], expires_at: None, limit_bytes: None }
    }
}

/// What comes of a wish that is not refused.
#[derive(Clone, Debug)]
pub(super) enum Step {
    /// It is as it should be already.
    Same {
        /// What is answered.
        answer: Answer,
        /// The stream whose position an acknowledgement names.
        stream: Option<StreamId>,
    },
    /// It happens.
    Does {
        /// What is committed. The order within a stream is the contract's; that of streams is not.
        events: Vec<(StreamId, EventBody)>,
        /// What is answered.
        answer: Answer,
    },
}

/// What the contract says.
pub(super) type Decided = Result<Step, ErrorCode>;

impl Step {
    fn same(answer: Answer) -> Decided {
        Ok(Self::Same { answer, stream: None })
    }

    fn same_in(stream: StreamId, answer: Answer) -> Decided {
        Ok(Self::Same { answer, stream: Some(stream) })
    }

    fn does(events: Vec<(StreamId, EventBody)>, answer: Answer) -> Decided {
        Ok(Self::Does { events, answer })
    }
}
