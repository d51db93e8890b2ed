//! The objects of the backend. Each has this one JSON shape in answers, events and snapshots (REQUIREMENTS.md IT-3).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{CompanyId, Conversation, InvitationId, RoomId, Timestamp, UserId, bound};

/// What a user may do in the company. Ordered: a later one may do all that an earlier one may.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Sees only the rooms that somebody added them to; creates none.
    Guest,
    /// Sees the company, creates rooms and governs them, joins public ones, renames rooms that they are in and manages
    /// their members.
    Member,
    /// Invites, creates and deactivates users below them, changes roles up to admin, governs every room.
    Admin,
    /// Everything, over other owners too. A company always has an active one.
    Owner,
}

impl Role {
    /// The name used on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Guest => "guest",
            Self::Member => "member",
            Self::Admin => "admin",
            Self::Owner => "owner",
        }
    }
}

/// Who may join a room without being added.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Visibility {
    /// Everybody of the company but its guests.
    Public,
    /// Nobody: a member adds them.
    Private,
}

/// A tenant.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Company {
    /// Its identifier.
    pub id: CompanyId,
    /// Its name, 1 to 100 characters.
    #[schemars(with = "bound::Name")]
    pub name: String,
    /// When it registered.
    pub created_at: Timestamp,
}

/// A person in a company. Secrets are never part of it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct User {
    /// Its identifier.
    pub id: UserId,
    /// The company.
    pub company: CompanyId,
    /// The login name, unique in the whole server, in lower case.
    #[schemars(with = "bound::Email")]
    pub email: String,
    /// The full name, 1 to 100 characters.
    #[schemars(with = "bound::Name")]
    pub name: String,
    /// What the user may do.
    pub role: Role,
    /// False once deactivated: no login, no connection, no right.
    pub active: bool,
    /// Counts the changes of this object, from 1: its `ETag` (RFC 9110), and what `If-Match` is compared with.
    pub version: u64,
    /// When the user was created.
    pub created_at: Timestamp,
}

/// A place for messages.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Room {
    /// Its identifier.
    pub id: RoomId,
    /// The company.
    pub company: CompanyId,
    /// Its name, 1 to 100 characters.
    #[schemars(with = "bound::Name")]
    pub name: String,
    /// Who may join without being added.
    pub visibility: Visibility,
    /// Who created it.
    pub created_by: UserId,
    /// When it was created.
    pub created_at: Timestamp,
    /// The conversation file that it is fed from; absent from rooms that people made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conversation: Option<Box<Conversation>>,
    /// Since when it is archived: it can be read, and nothing is written to it. Absent: it is in use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub archived_at: Option<Timestamp>,
    /// Counts the changes of this object, from 1: its `ETag` (RFC 9110), and what `If-Match` is compared with.
    pub version: u64,
}

/// That somebody may become a user. Only admins and owners see it, over REST: it stands in no stream.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Invitation {
    /// Its identifier.
    pub id: InvitationId,
    /// The company that is joined.
    pub company: CompanyId,
    /// The email that the new user will have, in lower case.
    #[schemars(with = "bound::Email")]
    pub email: String,
    /// The role that the new user will have.
    pub role: Role,
    /// Who invited. The invitation holds while they may create a user of this role.
    pub invited_by: UserId,
    /// When.
    pub created_at: Timestamp,
    /// Until when it can be accepted.
    pub expires_at: Timestamp,
    /// Who it became, once it was accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepted_by: Option<UserId>,
    /// When it was taken back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<Timestamp>,
}

/// That a user is in a room.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Member {
    /// The room.
    pub room: RoomId,
    /// The user.
    pub user: UserId,
    /// Who added them; the user themselves when they joined.
    pub added_by: UserId,
    /// Since when.
    pub added_at: Timestamp,
    /// The position of `member.added` in the room's stream: what was said before is history, and never unread.
    pub seq: u64,
}
