//! Records that never leave the server as they are.

use serde::{Deserialize, Serialize};

use crate::protocol::{Epoch, SessionId, Timestamp, User, UserId};

/// A user with what only the server may know.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct UserRecord {
    /// What everybody may see.
    pub user: User,
    /// Argon2id, in the PHC string form.
    pub password_hash: String,
}

/// One login on one device. Its refresh tokens are numbered; only the newest is good (PROTOCOL.md, promise 7).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SessionRecord {
    /// Its identifier.
    pub id: SessionId,
    /// Whose.
    pub user: UserId,
    /// The device's name, as it gave it.
    pub device: String,
    /// When the login was.
    pub created_at: Timestamp,
    /// The number of the newest refresh token.
    pub generation: u32,
    /// When that token was given out.
    pub rotated_at: Timestamp,
    /// When that token ends.
    pub refresh_expires_at: Timestamp,
    /// Logged out, or a token was stolen, or the user deactivated.
    pub revoked: bool,
}

/// How far a stream is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct StreamHead {
    /// The position of its newest event.
    pub seq: u64,
    /// The history that `seq` counts in.
    pub epoch: Epoch,
}

/// What an idempotency key did when it came first.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct IdempotencyRecord {
    /// A digest of the request: another one under the same key is refused.
    pub request_digest: String,
    /// The first answer, as JSON.
    pub answer: String,
    /// When.
    pub created_at: Timestamp,
}

/// The result of an operation that an idempotency key guards.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Effect<T> {
    /// It was done now.
    Done(T),
    /// It was done before; this is the first answer again.
    Repeated(T),
}

impl<T> Effect<T> {
    /// The answer, first or repeated.
    pub fn answer(&self) -> &T {
        match self {
            Self::Done(answer) | Self::Repeated(answer) => answer,
        }
    }

    /// The answer made into another.
    pub fn map<U>(self, make: impl FnOnce(T) -> U) -> Effect<U> {
        match self {
            Self::Done(answer) => Effect::Done(make(answer)),
            Self::Repeated(answer) => Effect::Repeated(make(answer)),
        }
    }

    /// Whether nothing happened this time.
    pub fn is_repeated(&self) -> bool {
        matches!(self, Self::Repeated(_))
    }
}
