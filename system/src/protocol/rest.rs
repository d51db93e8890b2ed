//! Bodies of REST requests and answers that are not objects themselves. Unknown fields in requests are refused.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Company, Epoch, ErrorCode, Event, Invitation, Member, Message, QuotaExceeded, ReadMarker, ReadPosition, Role, Room,
    RoomId, SessionId, StreamId, Thread, Timestamp, User, UserId, Visibility, bound,
};

/// `POST /auth/register`: a company and its owner.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Register {
    /// The company's name, 1 to 100 characters.
    #[schemars(with = "bound::Name")]
    pub company: String,
    /// The owner's email.
    #[schemars(with = "bound::Email")]
    pub email: String,
    /// The owner's full name, 1 to 100 characters.
    #[schemars(with = "bound::Name")]
    pub name: String,
    /// 8 to 200 characters, one of them neither a letter from A to Z nor a digit.
    #[schemars(with = "bound::Password")]
    pub password: String,
    /// A name for the device that logs in, 1 to 100 characters.
    #[schemars(with = "bound::Name")]
    pub device: String,
}

/// `POST /auth/login`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Login {
    /// The user's email.
    pub email: String,
    /// The user's password.
    pub password: String,
    /// A name for the device that logs in, 1 to 100 characters.
    #[schemars(with = "bound::Name")]
    pub device: String,
}

/// `POST /auth/refresh`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Refresh {
    /// The newest refresh token of the session.
    pub refresh_token: String,
}

/// An access token and the refresh token that succeeds it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Tokens {
    /// A JWT for `Authorization: Bearer`.
    pub access_token: String,
    /// When it ends, by the server's clock.
    pub access_expires_at: Timestamp,
    /// Opaque; good for one rotation.
    pub refresh_token: String,
    /// When it ends, by the server's clock.
    pub refresh_expires_at: Timestamp,
}

/// The answer to register and login.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Session {
    /// The session.
    pub session: SessionId,
    /// Who logged in.
    pub user: User,
    /// Their company.
    pub company: Company,
    /// The first tokens of the session.
    pub tokens: Tokens,
}

/// `GET /auth/sessions`: one session of the caller that has not ended.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct SessionInfo {
    /// Its identifier.
    pub id: SessionId,
    /// The name that the device gave itself.
    #[schemars(with = "bound::Name")]
    pub device: String,
    /// When the login was.
    pub created_at: Timestamp,
    /// When it last took new tokens.
    pub refreshed_at: Timestamp,
    /// When it ends, unless it takes new tokens before.
    pub expires_at: Timestamp,
    /// Whether it is the session that asks.
    pub current: bool,
}

/// `POST /auth/accept`: an invited person becomes a user and is logged in. The answer is a [`Session`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AcceptInvitation {
    /// What [`CreatedInvitation`] held.
    pub token: String,
    /// The full name, 1 to 100 characters.
    #[schemars(with = "bound::Name")]
    pub name: String,
    /// 8 to 200 characters, one of them neither a letter from A to Z nor a digit.
    #[schemars(with = "bound::Password")]
    pub password: String,
    /// A name for the device that logs in, 1 to 100 characters.
    #[schemars(with = "bound::Name")]
    pub device: String,
}

/// `POST /invitations`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateInvitation {
    /// The email that the new user will have.
    #[schemars(with = "bound::Email")]
    pub email: String,
    /// The role that the new user will have, at most the caller's own.
    pub role: Role,
}

/// The answer to `POST /invitations`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct CreatedInvitation {
    /// The invitation.
    pub invitation: Invitation,
    /// What the invited person accepts with, once. Told here and nowhere else: the server keeps a hash of it.
    pub token: String,
}

/// `PATCH /users/me`: what is absent stays as it is.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateProfile {
    /// The new full name, 1 to 100 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<bound::Name>")]
    pub name: Option<String>,
    /// The new email, with which the user logs in from now on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<bound::Email>")]
    pub email: Option<String>,
}

/// `PUT /users/me/password`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangePassword {
    /// The password until now.
    pub current: String,
    /// The password from now on: 8 to 200 characters, one of them neither a letter from A to Z nor a digit.
    #[schemars(with = "bound::Password")]
    pub new: String,
}

/// `GET /users/{id}/account`: what only the user and their admins see of a user. It changes with every login, so it is
/// no part of [`User`], which stands in streams.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Account {
    /// The user.
    pub user: UserId,
    /// When they last logged in with their password; absent: never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_login_at: Option<Timestamp>,
    /// How many sessions of theirs have not ended.
    pub sessions: usize,
}

/// `POST /users`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateUser {
    /// The new user's email.
    #[schemars(with = "bound::Email")]
    pub email: String,
    /// The full name, 1 to 100 characters.
    #[schemars(with = "bound::Name")]
    pub name: String,
    /// 8 to 200 characters, one of them neither a letter from A to Z nor a digit.
    #[schemars(with = "bound::Password")]
    pub password: String,
    /// At most the caller's own role.
    pub role: Role,
}

/// `PUT /users/{id}/role`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeRole {
    /// The new role, at most the caller's own.
    pub role: Role,
}

/// `POST /rooms`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateRoom {
    /// The name, 1 to 100 characters.
    #[schemars(with = "bound::Name")]
    pub name: String,
    /// Who may join without being added.
    pub visibility: Visibility,
}

/// `PATCH /rooms/{id}`: what is absent stays as it is.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateRoom {
    /// The new name, 1 to 100 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<bound::Name>")]
    pub name: Option<String>,
    /// Who may join without being added from now on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visibility: Option<Visibility>,
}

/// A page of a list.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "{T}Page")]
pub struct Page<T> {
    /// The items, in a fixed order.
    pub items: Vec<T>,
    /// Hand this over as `cursor` for the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// `GET /streams/{stream}/events`: what came after a position.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct EventPage {
    /// The stream.
    pub stream: StreamId,
    /// Contiguous, beginning right after the position asked for.
    pub events: Vec<Event>,
    /// The newest position of the stream.
    pub seq: u64,
    /// The history that it counts in.
    pub epoch: Epoch,
    /// There is more after the last of `events`.
    pub more: bool,
}

/// `GET /streams/{stream}/snapshot`: the state of a stream as of one position.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Snapshot {
    /// The stream.
    pub stream: StreamId,
    /// Every event up to this one is in `state`, none after it.
    pub seq: u64,
    /// The history that `seq` counts in.
    pub epoch: Epoch,
    /// The state.
    pub state: SnapshotState,
    /// Of a room that the caller is in: how far they have read it. Not of the state: another stream moves it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read: Option<ReadMarker>,
}

/// What a stream's events add up to.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum SnapshotState {
    /// Of a company's stream.
    Company {
        /// The company.
        company: Company,
        /// All users, by identifier.
        users: Vec<User>,
        /// All public rooms, by identifier.
        rooms: Vec<Room>,
    },
    /// Of a room's stream.
    Room {
        /// The room.
        room: Room,
        /// All members, by user.
        members: Vec<Member>,
        /// The newest messages as they are now, oldest first.
        messages: Vec<Message>,
        /// There are older messages than these.
        earlier: bool,
        /// The threads opened last, oldest first.
        threads: Vec<Thread>,
        /// There are older threads than these.
        earlier_threads: bool,
    },
    /// Of a user's own stream.
    User {
        /// The user.
        user: User,
        /// All rooms that the user is in. What each is called stands in its own stream's state.
        rooms: Vec<RoomId>,
        /// How far the user has read those rooms that they marked as read, by room.
        reads: Vec<ReadPosition>,
    },
}

/// A problem body (RFC 9457).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Problem {
    /// A URI reference that names the kind of problem.
    pub r#type: String,
    /// The kind for people.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What was wrong this time and what would be right.
    pub detail: String,
    /// The kind for programs.
    pub code: ErrorCode,
    /// To find it in the server's log.
    pub correlation_id: String,
    /// Which fields are wrong.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// The numbers, where a quota did not suffice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quota: Option<QuotaExceeded>,
}

/// One field that is wrong.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct FieldError {
    /// Its name.
    pub field: String,
    /// What would be right.
    pub message: String,
}
