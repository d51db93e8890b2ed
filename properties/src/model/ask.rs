//! What was asked of the server, and what it said to that.

use system::protocol::{ErrorCode, QuotaExceeded, StreamId};

use super::answer::Answer;
use super::decide::Actor;
use super::wanted::Wanted;

/// A request or a command.
#[derive(Debug)]
pub(super) struct Ask<'t> {
    /// The entry of its sending.
    pub(super) entry: usize,
    /// The entry at which the same was first sent under the same key.
    pub(super) first_entry: usize,
    /// Who sent it.
    pub(super) device: &'t str,
    /// Their user and login.
    pub(super) actor: Actor,
    /// What it asks for.
    pub(super) wanted: Wanted,
    /// Its idempotency key, where it means something.
    pub(super) key: Option<&'t str>,
    /// What came back, if anything did.
    pub(super) response: Option<Response>,
}

/// What came back.
#[derive(Debug)]
pub(super) struct Response {
    /// The entry that tells of it.
    pub(super) entry: usize,
    /// What it says.
    pub(super) said: Said,
}

/// What an answer or a reply says.
#[derive(Debug)]
pub(super) enum Said {
    /// That it is so.
    Done {
        /// The object.
        answer: Answer,
        /// The position that an acknowledgement names.
        position: Option<(StreamId, u64)>,
        /// Whether it is told to be a repeat, where that is told.
        duplicate: Option<bool>,
    },
    /// That it is not done.
    Refused {
        /// Why.
        code: ErrorCode,
        /// The numbers of a quota that does not suffice.
        quota: Option<QuotaExceeded>,
    },
    /// Something of which the model knows nothing: that the server is busy, or stopped in the middle of it.
    Unknown {
        /// Whether the operation certainly had no effect.
        without_effect: bool,
    },
}

impl Said {
    /// A refusal, as far as the contract's state decides it.
    pub(super) fn refused(code: ErrorCode, quota: Option<QuotaExceeded>) -> Self {
        match code {
            // Its outcome may not be known.
            ErrorCode::Timeout | ErrorCode::StorageFailed | ErrorCode::Unavailable | ErrorCode::Internal => {
                Self::Unknown { without_effect: false }
            }
            // What depends on clocks, on how busy the server is, on secrets, or on the form of what was sent.
            ErrorCode::RateLimited
            | ErrorCode::LimitReached
            | ErrorCode::Unauthenticated
            | ErrorCode::HandshakeRefused
            | ErrorCode::InvalidRequest
            | ErrorCode::TooLarge
            | ErrorCode::UnsupportedMediaType
            | ErrorCode::BodyTooSlow
            | ErrorCode::UnexpectedCommand
            | ErrorCode::UnknownCommand
            | ErrorCode::InvitationUsed
            | ErrorCode::InvitationExpired
            | ErrorCode::InvitationRevoked => Self::Unknown { without_effect: true },
            code => Self::Refused { code, quota },
        }
    }
}

impl Ask<'_> {
    /// Whether something came back of which the model knows what it means.
    pub(super) fn is_answered(&self) -> bool {
        self.response.as_ref().is_some_and(|response| !matches!(response.said, Said::Unknown { .. }))
    }

    /// Whether it was answered as done, and could be done any number of times.
    pub(super) fn may_repeat(&self) -> bool {
        let done = self.response.as_ref().is_some_and(|response| matches!(response.said, Said::Done { .. }));
        done && self.wanted.once().is_none() && !matches!(self.wanted, Wanted::Read(_))
    }

    /// Whether the server said that it did not do it.
    pub(super) fn is_refused(&self) -> bool {
        self.response.as_ref().is_some_and(|response| {
            matches!(response.said, Said::Refused { .. } | Said::Unknown { without_effect: true })
        })
    }
}
