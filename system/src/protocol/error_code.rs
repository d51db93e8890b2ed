//! Error codes of REST and WebSocket, and the close codes.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Why something was refused: the `code` of a problem body and of an `error` frame.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// The body or frame is not JSON, or not of its schema; nothing changed.
    InvalidRequest,
    /// A value breaks its bounds; the field errors name it.
    InvalidValue,
    /// The body or frame is larger than the limit.
    TooLarge,
    /// A media type that this endpoint does not take.
    UnsupportedMediaType,
    /// A frame type that this server does not know.
    UnknownCommand,
    /// A command that may not come now: before `hello`, or `hello` twice.
    UnexpectedCommand,
    /// No such path.
    NotFound,
    /// The path exists but not with this method.
    MethodNotAllowed,
    /// No, a malformed, a forged or an expired access token.
    Unauthenticated,
    /// The credentials do not open a WebSocket: 403 before the upgrade.
    HandshakeRefused,
    /// The email or the password is wrong.
    WrongCredentials,
    /// The session was revoked, or the user deactivated.
    SessionRevoked,
    /// A refresh token that is unknown, expired, or was used before: its whole family is revoked.
    RefreshTokenInvalid,
    /// The caller's role or membership does not allow it; nothing changed.
    Forbidden,
    /// The company would be left without an active owner.
    LastOwner,
    /// Somebody else uses this email already.
    EmailTaken,
    /// The current password is wrong; it was not changed.
    WrongPassword,
    /// The object has another version than the caller names: somebody changed it meanwhile. Nothing changed now.
    VersionConflict,
    /// The room is archived: it is read, and nothing is written to it.
    RoomArchived,
    /// The invitation was accepted before.
    InvitationUsed,
    /// The invitation was not accepted in time.
    InvitationExpired,
    /// The invitation was taken back, or whoever gave it may invite no longer.
    InvitationRevoked,
    /// The message is deleted: it is no longer edited, and no thread is opened on it.
    MessageDeleted,
    /// A thread was to be opened on a reply: threads are flat.
    NestedThread,
    /// The idempotency key was used with another body.
    IdempotencyKeyReused,
    /// Too many requests, frames or failed logins: the same again is taken after a pause.
    RateLimited,
    /// Too many connections: of this user, from this address, or in all.
    LimitReached,
    /// The server is stopping, or not ready yet.
    Unavailable,
    /// The store failed. The outcome of the call is unknown until it is asked again.
    StorageFailed,
    /// The request took longer than the limit. Its outcome is unknown until it is asked again.
    Timeout,
    /// The stream's log no longer reaches back to the position, or the epoch is another.
    PositionLost,
    /// The upload is at another offset: ask for it and go on from there.
    UploadOffsetMismatch,
    /// The bytes do not have the checksum that came with them; none of them was kept.
    ChecksumMismatch,
    /// A quota does not suffice; the body tells the numbers.
    QuotaExceeded,
    /// A version of the tus protocol that this server does not speak, or none.
    TusVersionUnsupported,
    /// The body came so slowly that the server stopped waiting for it. What is durable of an upload stays.
    BodyTooSlow,
    /// The file is not complete yet: it cannot be read.
    FileIncomplete,
    /// The file does not have the bytes that were asked for.
    RangeNotSatisfiable,
    /// What is stored is not what was uploaded: it is never served.
    ContentDamaged,
    /// Our own bug.
    Internal,
}

impl ErrorCode {
    /// The HTTP status that goes with it.
    pub fn status(self) -> u16 {
        match self {
            Self::InvalidRequest | Self::UnknownCommand | Self::UnexpectedCommand => 400,
            Self::InvalidValue => 422,
            Self::TooLarge => 413,
            Self::UnsupportedMediaType => 415,
            Self::NotFound => 404,
            Self::MethodNotAllowed => 405,
            Self::Unauthenticated | Self::WrongCredentials | Self::SessionRevoked | Self::RefreshTokenInvalid => 401,
            Self::Forbidden | Self::HandshakeRefused | Self::WrongPassword => 403,
            Self::LastOwner
            | Self::EmailTaken
            | Self::RoomArchived
            | Self::NestedThread
            | Self::InvitationUsed
            | Self::IdempotencyKeyReused => 409,
            Self::PositionLost | Self::MessageDeleted | Self::InvitationExpired | Self::InvitationRevoked => 410,
            Self::VersionConflict => 412,
            Self::RateLimited | Self::LimitReached => 429,
            Self::Unavailable | Self::StorageFailed => 503,
            Self::Timeout => 504,
            Self::BodyTooSlow => 408,
            Self::UploadOffsetMismatch | Self::FileIncomplete => 409,
            Self::TusVersionUnsupported => 412,
            Self::QuotaExceeded => 413,
            Self::RangeNotSatisfiable => 416,
            // Not of the registry, but of the tus protocol's checksum extension.
            Self::ChecksumMismatch => 460,
            Self::ContentDamaged | Self::Internal => 500,
        }
    }

    /// Its name on the wire.
    pub fn name(self) -> String {
        let name = serde_json::to_value(self).ok().and_then(|name| name.as_str().map(str::to_owned));
        name.expect("a code is a string")
    }

    /// Whether the same call may succeed later without being changed.
    pub fn temporary(self) -> bool {
        matches!(
            self,
            Self::RateLimited
                | Self::LimitReached
                | Self::Unavailable
                | Self::StorageFailed
                | Self::Timeout
                | Self::BodyTooSlow
        )
    }

    /// A short title for people: the `title` of a problem body.
    pub fn title(self) -> &'static str {
        match self {
            Self::InvalidRequest => "The request is malformed",
            Self::InvalidValue => "A value is out of bounds",
            Self::TooLarge => "The request is too large",
            Self::UnsupportedMediaType => "The media type is not supported",
            Self::UnknownCommand => "The command is unknown",
            Self::UnexpectedCommand => "The command may not come now",
            Self::NotFound => "Nothing is here",
            Self::MethodNotAllowed => "The method is not allowed here",
            Self::Unauthenticated => "A valid access token is needed",
            Self::HandshakeRefused => "The credentials do not open a WebSocket",
            Self::WrongCredentials => "The email or the password is wrong",
            Self::SessionRevoked => "The session has ended",
            Self::RefreshTokenInvalid => "The refresh token is not valid",
            Self::Forbidden => "This is not allowed",
            Self::LastOwner => "A company needs an owner",
            Self::EmailTaken => "The email is taken",
            Self::WrongPassword => "The current password is wrong",
            Self::VersionConflict => "Somebody changed it meanwhile",
            Self::RoomArchived => "The room is archived",
            Self::InvitationUsed => "The invitation was used",
            Self::InvitationExpired => "The invitation has expired",
            Self::InvitationRevoked => "The invitation was revoked",
            Self::MessageDeleted => "The message is deleted",
            Self::NestedThread => "A reply has no thread of its own",
            Self::IdempotencyKeyReused => "The idempotency key was used for something else",
            Self::RateLimited => "Too much at once",
            Self::LimitReached => "Too many connections",
            Self::Unavailable => "The server is not available",
            Self::StorageFailed => "The store failed",
            Self::Timeout => "The request took too long",
            Self::PositionLost => "The position is no longer in the log",
            Self::UploadOffsetMismatch => "The upload is at another offset",
            Self::ChecksumMismatch => "The checksum does not match",
            Self::QuotaExceeded => "The quota is exceeded",
            Self::TusVersionUnsupported => "This version of tus is not supported",
            Self::BodyTooSlow => "The body came too slowly",
            Self::FileIncomplete => "The file is not complete",
            Self::RangeNotSatisfiable => "The file has no such bytes",
            Self::ContentDamaged => "The stored content is damaged",
            Self::Internal => "The server made a mistake",
        }
    }
}

/// Why the server closed a WebSocket. 4000 to 4499: come back. 4500 to 4999: do not.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, JsonSchema)]
#[repr(u16)]
pub enum CloseCode {
    /// The client closed, and the server answers its close.
    Normal = 1000,
    /// The server stops, and three quarters of `shutdown.deadline_ms` were over before the client had read what waited for
    /// it: come back and resume.
    GoingAway = 1001,
    /// A frame broke RFC 6455: one that is not masked, an unknown opcode, a reserved bit (compression was not agreed), a
    /// control frame that is too long or in pieces.
    ProtocolError = 1002,
    /// Sixteen binary frames in a row were no chunks of an upload: each was told by an `error`.
    UnsupportedData = 1003,
    /// A text frame, or the reason of a close, was not UTF-8.
    InvalidData = 1007,
    /// No `hello` came within `websocket.hello_timeout_ms` of the upgrade.
    PolicyViolation = 1008,
    /// A frame was larger than four times `websocket.frame_bytes`. Up to that, one that is too large is told by an `error`
    /// and the connection stays.
    TooLarge = 1009,
    /// A bug of the server: a command panicked, or a delivery had a gap, which is never sent. The log has its place.
    Internal = 1011,
    /// The server stops or is drained, or an operator ended the connection: come back after the `retry_after_ms` of the
    /// `closing` that came before.
    ServiceRestart = 1012,
    /// The operator lowered `limits.connections` below what there was: the newest connections are asked to come back later.
    TryAgainLater = 1013,
    /// The access token expired, by the server's clock, and no `auth.refresh` came before: come back with another.
    TokenExpired = 4001,
    /// More than `websocket.queue_bytes` waited for the client, or one frame waited for `websocket.write_timeout_ms`: it reads
    /// too slowly. Come back and resume.
    SlowConsumer = 4008,
    /// Nothing was heard of the client for `websocket.silence_ms`, not even an answer to a `ping`.
    HeartbeatLost = 4009,
    /// Frames came faster than `limits.frames_per_second`, and `limits.frames_throttled` more of them after the `warning`.
    RateLimited = 4029,
    /// A newer connection of the same user took this one's place: there are `limits.connections_per_user`.
    Superseded = 4030,
    /// The session was ended: by a logout, a change of the password, or the reuse of a refresh token. Log in again.
    Unauthorized = 4501,
    /// The user was deactivated, or an operator ended the connection for good.
    Forbidden = 4503,
    /// The user has as many connections as one may have: close one before opening another.
    LimitReached = 4513,
}

impl CloseCode {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; 18] = [
        Self::Normal,
        Self::GoingAway,
        Self::ProtocolError,
        Self::UnsupportedData,
        Self::InvalidData,
        Self::PolicyViolation,
        Self::TooLarge,
        Self::Internal,
        Self::ServiceRestart,
        Self::TryAgainLater,
        Self::TokenExpired,
        Self::SlowConsumer,
        Self::HeartbeatLost,
        Self::RateLimited,
        Self::Superseded,
        Self::Unauthorized,
        Self::Forbidden,
        Self::LimitReached,
    ];

    /// The number on the wire.
    pub fn number(self) -> u16 {
        self as u16
    }

    /// Whether a client that is closed with `number` should connect again.
    pub fn reconnect(number: u16) -> bool {
        !(4500..=4999).contains(&number)
    }
}
