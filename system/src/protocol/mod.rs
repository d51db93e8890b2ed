//! The contract on the wire: every identifier, object, event, command, answer and error code, as Rust types.
//!
//! Server, client and the judges of a run all read and write these types and nothing else, so an object has one
//! JSON shape wherever it appears. This module does no I/O, asks no clock and holds no state.

pub mod bound;
mod calendar;
mod chunk_frame;
mod command;
mod command_message;
mod error_code;
mod event;
mod feed;
mod file;
mod flat;
mod frame;
mod id;
mod object;
mod object_message;
pub(crate) mod object_only;
mod operator;
mod position;
mod presence;
mod quota;
mod rest;
mod rest_message;
mod text;
mod timestamp;
mod tus;

pub use chunk_frame::{CHUNK_HEADER_BYTES, ChunkFrame};
pub use command::{AuthRefresh, ClientFrame, Command, Follow, FrameError, Hello, Subscribe, Unsubscribe};
pub use command_message::{MessageDelete, MessageEdit, MessageSend, Read};
pub use error_code::{CloseCode, ErrorCode};
pub use event::{Event, EventBody, MemberRemoved, RoomDeleted, RoomHidden, RoomLeft, SessionRevoked, ThreadReplied};
pub use feed::{Conversation, FeedSource};
pub use file::{ChunkStored, File, FileDeleted, FileFailed, FileFailure, FileProgress, FileState, NewFile};
pub use frame::{
    Ack, AckObject, Closing, Done, ErrorReply, ServerFrame, StreamState, Subscribed, TokenExpiring, TokenRefreshed,
    Unsubscribed, Warning, Welcome,
};
pub use id::{CompanyId, FileId, InvitationId, MessageId, RoomId, SessionId, ThreadId, UserId};
pub use object::{Company, Invitation, Member, Role, Room, User, Visibility};
pub use object_message::{LastReply, Message, ReadMarker, ReadPosition, Thread};
pub use operator::{BeginDrain, Connection, ConnectionList, Disconnected, DrainState, SigningKey, SigningKeys};
pub use position::{Epoch, Position, StreamId, StreamPosition};
pub use presence::{Presence, PresenceList, PresenceState, StartTyping, Status, StatusSet, Typing, UserStatus};
pub use quota::{Quota, QuotaExceeded, QuotaScope, Quotas};
pub use rest::{
    AcceptInvitation, Account, ChangePassword, ChangeRole, CreateInvitation, CreateRoom, CreateUser, CreatedInvitation,
    EventPage, FieldError, Login, Page, Problem, Refresh, Register, Session, SessionInfo, Snapshot, SnapshotState,
    Tokens, UpdateProfile, UpdateRoom,
};
pub use rest_message::{EditMessage, MarkRead, OpenThread, PostMessage};
pub use timestamp::Timestamp;
pub use tus::{Checksum, ChecksumError, TUS_CHECKSUM_ALGORITHMS, TUS_CONTENT_TYPE, TUS_EXTENSIONS, TUS_VERSION};

/// The WebSocket subprotocol that a client must offer and the server selects.
pub const SUBPROTOCOL: &str = "stormglass.v1.json";

/// The prefix of the second subprotocol by which a browser hands over its access token.
pub const BEARER_SUBPROTOCOL_PREFIX: &str = "bearer.";

/// Every REST resource lives below this path.
pub const API_PREFIX: &str = "/api/v1";
