//! The keys of the state table: one type for each kind of record, ordered so that what belongs together lies together.

use serde::{Serialize, de::DeserializeOwned};
use uuid::Uuid;

use super::keyring::KeyringRecord;
use super::record::{
    DiscardedRecord, FeedConversation, FeedLine, IdempotencyRecord, InvitationRecord, QuotaRecord, SessionRecord,
    StreamHead, UserRecord,
};
use crate::protocol::{
    Company, CompanyId, File, FileId, InvitationId, Member, Message, MessageId, ReadPosition, Room, RoomId, SessionId,
    StreamId, Thread, ThreadId, Timestamp, UserId, UserStatus,
};

/// A key, which knows the type of its record.
pub trait Key {
    /// What is stored under it.
    type Value: Serialize + DeserializeOwned + Clone + Send + Sync + 'static;

    /// Its bytes: a tag for the kind, then the parts.
    fn encode(&self) -> Vec<u8>;
}

/// All keys of one kind that share their first parts.
pub trait Prefix {
    /// What is stored under them.
    type Value: Serialize + DeserializeOwned;

    /// The bytes that they begin with.
    fn encode(&self) -> Vec<u8>;
}

fn join(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(1 + parts.iter().map(|part| part.len()).sum::<usize>());
    bytes.push(tag);
    for part in parts {
        bytes.extend_from_slice(part);
    }
    bytes
}

macro_rules! keys {
    ($($all:tt)*) => {
        key_types!($($all)*);
        kinds!(@ [] $($all)*);
    };
}

macro_rules! key_types {
    ($($(#[$doc:meta])* $kind:ident $name:ident($($part:ident: $type:ty),*) = $tag:literal => $value:ty, $bytes:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $name($(pub $type),*);

        impl $kind for $name {
            type Value = $value;

            fn encode(&self) -> Vec<u8> {
                let Self($($part),*) = self;
                join($tag, &$bytes)
            }
        }
    )*};
}

/// Makes [`Kind`] of those that are a `Key`: two kinds with one tag do not compile.
macro_rules! kinds {
    (@ [$($(#[$doc:meta])* $name:ident = $tag:literal,)*]) => {
        /// The kinds of records, each by the tag that its keys begin with. What reads every record (`verify`,
        /// `restore`) matches on this, so that a new kind cannot be forgotten there.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
        #[repr(u8)]
        #[expect(clippy::enum_variant_names, reason = "each is named as the type of its keys")]
        pub enum Kind {
            $($(#[$doc])* $name = $tag,)*
        }

        impl Kind {
            /// The kind that a key is of; `None` if it is of none that this program knows.
            pub fn of(key: &[u8]) -> Option<Self> {
                match key.first()? {
                    $($tag => Some(Self::$name),)*
                    _ => None,
                }
            }
        }
    };
    (@ [$($found:tt)*] $(#[$doc:meta])* Key $name:ident($($parts:tt)*) = $tag:literal => $value:ty, $bytes:expr; $($rest:tt)*) => {
        kinds!(@ [$($found)* $(#[$doc])* $name = $tag,] $($rest)*);
    };
    (@ [$($found:tt)*] $(#[$doc:meta])* Prefix $name:ident($($parts:tt)*) = $tag:literal => $value:ty, $bytes:expr; $($rest:tt)*) => {
        kinds!(@ [$($found)*] $($rest)*);
    };
}

keys! {
    /// A company.
    Key CompanyKey(id: CompanyId) = b'c' => Company, [id.0.as_bytes()];
    /// A user, with secrets.
    Key UserKey(id: UserId) = b'u' => UserRecord, [id.0.as_bytes()];
    /// Which user has an email.
    Key EmailKey(email: String) = b'e' => UserId, [email.as_bytes()];
    /// That a user is of a company.
    Key CompanyUserKey(company: CompanyId, user: UserId) = b'U' => UserId, [company.0.as_bytes(), user.0.as_bytes()];
    /// All users of a company.
    Prefix CompanyUsers(company: CompanyId) = b'U' => UserId, [company.0.as_bytes()];
    /// The status that a user chose.
    Key StatusKey(user: UserId) = b'a' => UserStatus, [user.0.as_bytes()];
    /// A room.
    Key RoomKey(id: RoomId) = b'r' => Room, [id.0.as_bytes()];
    /// That a room is of a company.
    Key CompanyRoomKey(company: CompanyId, room: RoomId) = b'R' => RoomId, [company.0.as_bytes(), room.0.as_bytes()];
    /// All rooms of a company.
    Prefix CompanyRooms(company: CompanyId) = b'R' => RoomId, [company.0.as_bytes()];
    /// That a user is in a room.
    Key MemberKey(room: RoomId, user: UserId) = b'm' => Member, [room.0.as_bytes(), user.0.as_bytes()];
    /// All members of a room.
    Prefix RoomMembers(room: RoomId) = b'm' => Member, [room.0.as_bytes()];
    /// That a room has a user, from the user's side.
    Key UserRoomKey(user: UserId, room: RoomId) = b'M' => RoomId, [user.0.as_bytes(), room.0.as_bytes()];
    /// All rooms that a user is in.
    Prefix UserRooms(user: UserId) = b'M' => RoomId, [user.0.as_bytes()];
    /// A message, by the position of its creation in the room's stream.
    Key MessageKey(room: RoomId, seq: u64) = b'g' => Message, [room.0.as_bytes(), &seq.to_be_bytes()];
    /// All messages of a room.
    Prefix RoomMessages(room: RoomId) = b'g' => Message, [room.0.as_bytes()];
    /// Where a message is in its room, by its identifier.
    Key MessagePlaceKey(room: RoomId, message: MessageId) = b'G' => u64, [room.0.as_bytes(), message.0.as_bytes()];
    /// How many messages one user, or everybody (nil), has in a block of a room's positions; see [`COUNT_LEVELS`].
    /// All of a block lie together: who talks in a room at once changes the same few pages.
    Key CountKey(room: RoomId, level: u8, block: u64, of: Uuid) = b'#' => u64,
        [room.0.as_bytes(), &[*level], &block.to_be_bytes(), of.as_bytes()];
    /// Where all messages of a room are.
    Prefix RoomMessagePlaces(room: RoomId) = b'G' => u64, [room.0.as_bytes()];
    /// How many messages everybody has in a room.
    Prefix RoomCounts(room: RoomId) = b'#' => u64, [room.0.as_bytes()];
    /// Where all threads of a room are.
    Prefix RoomThreadPlaces(room: RoomId) = b'H' => u64, [room.0.as_bytes()];
    /// Where the threads of all messages of a room are.
    Prefix RoomRootThreads(room: RoomId) = b'^' => u64, [room.0.as_bytes()];
    /// All replies in all threads of a room.
    Prefix RoomReplies(room: RoomId) = b'>' => u64, [room.0.as_bytes()];
    /// All who are told of the replies in any thread of a room.
    Prefix RoomThreadFollowers(room: RoomId) = b'w' => UserId, [room.0.as_bytes()];
    /// A thread, by the position of its opening in the room's stream.
    Key ThreadKey(room: RoomId, seq: u64) = b'h' => Thread, [room.0.as_bytes(), &seq.to_be_bytes()];
    /// All threads of a room.
    Prefix RoomThreads(room: RoomId) = b'h' => Thread, [room.0.as_bytes()];
    /// Where a thread is in its room, by its identifier.
    Key ThreadPlaceKey(room: RoomId, thread: ThreadId) = b'H' => u64, [room.0.as_bytes(), thread.0.as_bytes()];
    /// Where the thread of a message is in the room that both are in.
    Key RootThreadKey(room: RoomId, root: MessageId) = b'^' => u64, [room.0.as_bytes(), root.0.as_bytes()];
    /// That a message is a reply in a thread, by its position in the room's stream.
    Key ReplyKey(room: RoomId, thread: ThreadId, seq: u64) = b'>' => u64,
        [room.0.as_bytes(), thread.0.as_bytes(), &seq.to_be_bytes()];
    /// All replies of a thread.
    Prefix ThreadReplies(room: RoomId, thread: ThreadId) = b'>' => u64, [room.0.as_bytes(), thread.0.as_bytes()];
    /// That a user is told of the replies in a thread.
    Key ThreadFollowerKey(room: RoomId, thread: ThreadId, user: UserId) = b'w' => UserId,
        [room.0.as_bytes(), thread.0.as_bytes(), user.0.as_bytes()];
    /// All who are told of the replies in a thread.
    Prefix ThreadFollowers(room: RoomId, thread: ThreadId) = b'w' => UserId, [room.0.as_bytes(), thread.0.as_bytes()];
    /// How far a user has read a room that they are in.
    Key ReadKey(user: UserId, room: RoomId) = b'd' => ReadPosition, [user.0.as_bytes(), room.0.as_bytes()];
    /// How far a user has read each room that they marked as read.
    Prefix UserReads(user: UserId) = b'd' => ReadPosition, [user.0.as_bytes()];
    /// An invitation, with its token's hash.
    Key InvitationKey(id: InvitationId) = b'v' => InvitationRecord, [id.0.as_bytes()];
    /// All invitations of all companies.
    Prefix Invitations() = b'v' => InvitationRecord, [];
    /// That an invitation is into a company.
    Key CompanyInvitationKey(company: CompanyId, invitation: InvitationId) = b'V' => InvitationId,
        [company.0.as_bytes(), invitation.0.as_bytes()];
    /// All invitations into a company.
    Prefix CompanyInvitations(company: CompanyId) = b'V' => InvitationId, [company.0.as_bytes()];
    /// All sessions of all users.
    Prefix Sessions() = b's' => SessionRecord, [];
    /// What all idempotency keys did.
    Prefix IdempotencyRecords() = b'i' => IdempotencyRecord, [];
    /// A session.
    Key SessionKey(id: SessionId) = b's' => SessionRecord, [id.0.as_bytes()];
    /// That a session is of a user.
    Key UserSessionKey(user: UserId, session: SessionId) = b'S' => SessionId, [user.0.as_bytes(), session.0.as_bytes()];
    /// All sessions of a user.
    Prefix UserSessions(user: UserId) = b'S' => SessionId, [user.0.as_bytes()];
    /// What an idempotency key did. The scope is the user, or nil where there is none yet.
    ///
    /// The key comes first: those that begin with a time, as a UUID of version 7 does, lie together for everybody who asks
    /// at that time, so that many who share a commit share its pages. A key has no zero byte.
    Key IdempotencyKey(scope: Uuid, operation: &'static str, key: String) = b'i' => IdempotencyRecord,
        [key.as_bytes(), b"\0", scope.as_bytes(), operation.as_bytes()];
    /// Which user is a company's feed.
    Key FeedUserKey(company: CompanyId) = b'1' => UserId, [company.0.as_bytes()];
    /// A conversation of the feed, by the room that it became.
    Key FeedConversationKey(company: CompanyId, room: RoomId) = b'2' => FeedConversation,
        [company.0.as_bytes(), room.0.as_bytes()];
    /// All conversations of the feed, of all companies.
    Prefix FeedConversations() = b'2' => FeedConversation, [];
    /// Which room a conversation became, by its own identifier.
    Key FeedIdKey(company: CompanyId, id: String) = b'3' => RoomId, [company.0.as_bytes(), id.as_bytes()];
    /// A line of a conversation, by its own identifier.
    Key FeedLineKey(room: RoomId, id: String) = b'4' => FeedLine, [room.0.as_bytes(), id.as_bytes()];
    /// All lines of a conversation.
    Prefix FeedLines(room: RoomId) = b'4' => FeedLine, [room.0.as_bytes()];
    /// That a conversation's file has an unreadable line, by its digest.
    Key FeedBadLineKey(room: RoomId, digest: String) = b'5' => String, [room.0.as_bytes(), digest.as_bytes()];
    /// All unreadable lines of a conversation's file.
    Prefix FeedBadLines(room: RoomId) = b'5' => String, [room.0.as_bytes()];
    /// A file, complete or not.
    Key FileKey(id: FileId) = b'b' => File, [id.0.as_bytes()];
    /// That a file is a user's.
    Key UserFileKey(user: UserId, file: FileId) = b'o' => FileId, [user.0.as_bytes(), file.0.as_bytes()];
    /// All files of a user, complete or not.
    Prefix UserFiles(user: UserId) = b'o' => FileId, [user.0.as_bytes()];
    /// That a complete file is in a room.
    Key RoomFileKey(room: RoomId, file: FileId) = b'B' => FileId, [room.0.as_bytes(), file.0.as_bytes()];
    /// All complete files of a room.
    Prefix RoomFiles(room: RoomId) = b'B' => FileId, [room.0.as_bytes()];
    /// That an upload under way is for a room.
    Key RoomUploadKey(room: RoomId, file: FileId) = b'y' => FileId, [room.0.as_bytes(), file.0.as_bytes()];
    /// All uploads under way for a room.
    Prefix RoomUploads(room: RoomId) = b'y' => FileId, [room.0.as_bytes()];
    /// That an upload under way ends at a time.
    Key ExpiryKey(at: Timestamp, file: FileId) = b'x' => FileId, [&ordered(*at), file.0.as_bytes()];
    /// All uploads under way, by when they end.
    Prefix Expiries() = b'x' => FileId, [];
    /// That the chunks of a file that is no more are still to be removed.
    Key DiscardedKey(file: FileId) = b'D' => DiscardedRecord, [file.0.as_bytes()];
    /// All files that are no more and have chunks yet.
    Prefix Discarded() = b'D' => DiscardedRecord, [];
    /// How much of a quota is taken: of a user's or of a company's.
    Key QuotaKey(of: Uuid) = b'q' => QuotaRecord, [of.as_bytes()];
    /// How far a stream is.
    Key StreamKey(stream: StreamId) = b't' => StreamHead, [&stream_bytes(*stream)];
    /// The number of the last commit that appended events.
    Key LastCommitKey() = b'n' => u64, [];
    /// The format of everything else.
    Key FormatKey() = b'f' => u32, [];
    /// The keys that sign tokens.
    Key KeyringKey() = b'k' => KeyringRecord, [];
}

/// How many positions a block of each level of [`CountKey`] has.
pub const COUNT_LEVELS: [u64; 2] = [128, 128 * 128];

/// A time in 8 bytes that are ordered as times are.
fn ordered(at: Timestamp) -> [u8; 8] {
    (at.0 ^ i64::MIN).to_be_bytes()
}

/// A stream in 17 bytes.
pub(super) fn stream_bytes(stream: StreamId) -> [u8; 17] {
    let (tag, id) = match stream {
        StreamId::Company(id) => (b'c', id.0),
        StreamId::Room(id) => (b'r', id.0),
        StreamId::User(id) => (b'u', id.0),
    };
    let mut bytes = [0; 17];
    bytes[0] = tag;
    bytes[1..].copy_from_slice(id.as_bytes());
    bytes
}

/// The stream of [`stream_bytes`].
pub(super) fn stream_of(bytes: &[u8]) -> Option<StreamId> {
    let (tag, id) = bytes.split_first()?;
    let id = Uuid::from_slice(id).ok()?;
    match tag {
        b'c' => Some(StreamId::Company(CompanyId(id))),
        b'r' => Some(StreamId::Room(RoomId(id))),
        b'u' => Some(StreamId::User(UserId(id))),
        _ => None,
    }
}

/// The stream and the position of a [`log_key`].
pub(super) fn log_place(key: &[u8]) -> Option<(StreamId, u64)> {
    let (stream, seq) = key.split_at_checked(17)?;
    Some((stream_of(stream)?, u64::from_be_bytes(seq.try_into().ok()?)))
}

/// An entry of the log: the stream, then the position.
pub(super) fn log_key(stream: StreamId, seq: u64) -> [u8; 25] {
    let mut bytes = [0; 25];
    bytes[..17].copy_from_slice(&stream_bytes(stream));
    bytes[17..].copy_from_slice(&seq.to_be_bytes());
    bytes
}
