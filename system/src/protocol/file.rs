//! Files: what is uploaded by the tus protocol, and what is told of it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{CompanyId, FileId, RoomId, StreamId, Timestamp, UserId};

/// A file, from the moment that its upload is created.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct File {
    /// Its identifier: the last part of the upload's URL.
    pub id: FileId,
    /// Who uploads it, and may delete it.
    pub owner: UserId,
    /// Their company.
    pub company: CompanyId,
    /// Whose members may read it; absent: only its owner may.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub room: Option<RoomId>,
    /// Its name, 1 to 255 bytes, without control characters and without parts of a path.
    pub name: String,
    /// Its media type (RFC 9110, 8.3.1), as its owner says it.
    pub content_type: String,
    /// How many bytes it is to have.
    pub size: u64,
    /// How many of them are durable (REQUIREMENTS.md IT-11).
    pub offset: u64,
    /// Whether all of them are.
    pub state: FileState,
    /// When its upload was created.
    pub created_at: Timestamp,
    /// When its upload ends unless it goes on; absent once the file is complete.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// When its last byte became durable.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completed_at: Option<Timestamp>,
}

/// What a client says of a file whose upload it creates: `Upload-Length` and `Upload-Metadata` of the tus protocol.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewFile {
    /// Its name, 1 to 255 bytes, without control characters and without parts of a path: `filename`.
    pub name: String,
    /// Its media type: `filetype`.
    pub content_type: String,
    /// Whose members may read it: `room`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub room: Option<RoomId>,
    /// How many bytes it is to have.
    pub size: u64,
}

/// How far a file is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FileState {
    /// Bytes are missing: it can be continued at its offset, and cannot be read.
    Uploading,
    /// All bytes are durable: it can be read, and never changes any more.
    Complete,
}

/// Why an upload ended before the file was complete.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FileFailure {
    /// Nothing came for too long.
    Expired,
    /// Its owner or an admin ended it.
    Terminated,
    /// The room that it was for was deleted.
    RoomDeleted,
}

/// The data of `file.failed`: the upload is no more, and its reservation is released.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct FileFailed {
    /// The file.
    pub file: FileId,
    /// Why.
    pub reason: FileFailure,
}

/// The data of `file.deleted`: the file is no more, and its space is released.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct FileDeleted {
    /// The file.
    pub file: FileId,
    /// The room that it was in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub room: Option<RoomId>,
    /// Who deleted it.
    pub deleted_by: UserId,
}

/// The data of `file.progress`: so much of an upload is durable (REQUIREMENTS.md IT-5, IT-11).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct FileProgress {
    /// The stream that it is pushed on: the owner's own, or the room's.
    pub stream: StreamId,
    /// The file.
    pub file: FileId,
    /// How many bytes are durable. On one connection it never falls.
    pub offset: u64,
    /// How many there are to be.
    pub size: u64,
}

/// The data of the `ack` to a chunk in a binary frame: the bytes are durable.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ChunkStored {
    /// The file.
    pub file: FileId,
    /// How many bytes are durable: where the next chunk begins.
    pub offset: u64,
}
