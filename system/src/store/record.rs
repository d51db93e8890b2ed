//! Records that never leave the server as they are.

use serde::{Deserialize, Serialize};

use crate::platform::FeedPath;
use crate::protocol::{CompanyId, Epoch, FileId, Invitation, RoomId, SessionId, Timestamp, User, UserId};

/// A user with what only the server may know.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct UserRecord {
    /// What everybody may see.
    pub user: User,
    /// Argon2id, in the PHC string form.
    pub password_hash: String,
    /// When they last logged in with it. Not in [`User`], which stands in streams: a login is no event.
    pub last_login_at: Option<Timestamp>,
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
    /// When it ended before its time: logged out, or a token was stolen, or the user deactivated.
    pub revoked_at: Option<Timestamp>,
}

impl SessionRecord {
    /// When it ended or will end.
    pub fn ends_at(&self) -> Timestamp {
        self.revoked_at.unwrap_or(self.refresh_expires_at)
    }
}

/// An invitation with what only the server may know.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct InvitationRecord {
    /// What admins may see.
    pub invitation: Invitation,
    /// SHA-256 of the token, in hexadecimal digits.
    pub token_hash: String,
    /// When it was accepted.
    pub accepted_at: Option<Timestamp>,
}

impl InvitationRecord {
    /// When it was accepted or revoked, or expired or will expire.
    pub fn ends_at(&self) -> Timestamp {
        self.invitation.revoked_at.or(self.accepted_at).unwrap_or(self.invitation.expires_at)
    }
}

/// How much of a quota is taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct QuotaRecord {
    /// By complete files.
    pub used_bytes: u64,
    /// By uploads under way, each by its whole size.
    pub reserved_bytes: u64,
}

/// A file that is no more and whose chunks are still to be removed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct DiscardedRecord {
    /// The file.
    pub file: FileId,
    /// How many chunks there are: those from 0 on.
    pub chunks: u32,
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

/// What the feed knows of a conversation (REQUIREMENTS.md RF-2).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct FeedConversation {
    /// The room that it became.
    pub room: RoomId,
    /// The company whose directory its file is in.
    pub company: CompanyId,
    /// The conversation's own identifier, where it has one.
    pub id: Option<String>,
    /// The name of its file; `None` once that is gone.
    pub file: Option<String>,
    /// A digest of its first line.
    pub heading: String,
    /// Whether it is being fed.
    pub state: FeedState,
}

/// Whether a conversation is being fed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FeedState {
    /// As far as is known, its file is there.
    Fed,
    /// Its file is gone, and so the feed archived the room. It opens it again when the file comes back.
    Archived,
    /// Its file is gone, and somebody else had archived the room before. The feed does not open it again.
    Left,
}

impl FeedConversation {
    /// Where its file is.
    pub fn path(&self) -> Option<FeedPath> {
        self.file.clone().map(|file| FeedPath { company: self.company.to_string(), file })
    }
}

/// What the feed knows of a line.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct FeedLine {
    /// The line's own identifier.
    pub id: String,
    /// A digest of what it said when it could be read last.
    pub digest: String,
    /// Where in the file it was then, counted from 1.
    pub number: u64,
    /// The position of its message's creation in the room's stream.
    pub seq: u64,
    /// A digest of the unreadable line that it is now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unreadable: Option<String>,
}
