//! What the backend holds, as plain data.

use std::collections::{BTreeMap, BTreeSet};

use system::protocol::{
    Company, File, FileId, FileState, Member, Message, MessageId, Quota, ReadMarker, Room, RoomId, SessionId, StreamId,
    Thread, ThreadId, User, UserId, UserStatus,
};

use super::answer::Answer;
use super::wanted::Wanted;

/// All that the backend holds at one place of the committed order.
#[derive(Debug, Default)]
pub(super) struct State {
    /// The company. A run has one.
    pub(super) company: Option<Company>,
    /// Its users.
    pub(super) users: BTreeMap<UserId, User>,
    /// What users chose to look like.
    pub(super) statuses: BTreeMap<UserId, UserStatus>,
    /// Sessions that were ended before their time.
    pub(super) revoked: BTreeSet<SessionId>,
    /// Its rooms.
    pub(super) rooms: BTreeMap<RoomId, RoomState>,
    /// Complete files and uploads under way.
    pub(super) files: BTreeMap<FileId, File>,
    /// The most bytes that a user may take, as far as the server said so.
    pub(super) user_limit_bytes: Option<u64>,
    /// The position of the last event of each stream.
    pub(super) heads: BTreeMap<StreamId, u64>,
    /// What came of each idempotency key: by user, operation and key.
    pub(super) kept: BTreeMap<(UserId, &'static str, String), Kept>,
}

/// What came of an idempotency key.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    /// What was wanted under it.
    pub(super) wanted: Wanted,
    /// What was answered.
    pub(super) answer: Answer,
}

/// A room, and all that is in it.
#[derive(Debug)]
pub(super) struct RoomState {
    /// The room itself.
    pub(super) room: Room,
    /// Who is in it.
    pub(super) members: BTreeMap<UserId, Member>,
    /// Its messages as they are now, replies and tombstones too, by the position of their creation.
    pub(super) messages: BTreeMap<u64, Message>,
    /// The position of each message.
    pub(super) places: BTreeMap<MessageId, u64>,
    /// Its threads.
    pub(super) threads: BTreeMap<ThreadId, Thread>,
    /// Who is told of replies in a thread, if they are still in the room.
    pub(super) followers: BTreeMap<ThreadId, BTreeSet<UserId>>,
    /// How far those who said so have read.
    pub(super) read: BTreeMap<UserId, u64>,
}

impl State {
    /// The position of the last event of a stream; 0 before the first.
    pub(super) fn head(&self, stream: StreamId) -> u64 {
        self.heads.get(&stream).copied().unwrap_or(0)
    }

    /// Whether a user is the one who says what conversation files hold: who made a room of one.
    pub(super) fn feeds(&self, user: UserId) -> bool {
        self.rooms.values().any(|room| room.is_fed_by(user))
    }

    /// How many bytes the files of a user take, or of everybody: those that are complete, and those that are to be.
    pub(super) fn taken(&self, user: Option<UserId>, limit_bytes: u64) -> Quota {
        let mut quota = Quota { limit_bytes, used_bytes: 0, reserved_bytes: 0 };
        for file in self.files.values().filter(|file| user.is_none_or(|user| file.owner == user)) {
            match file.state {
                FileState::Complete => quota.used_bytes += file.size,
                FileState::Uploading => quota.reserved_bytes += file.size,
            }
        }
        quota
    }
}

impl RoomState {
    /// A room that nobody is in yet.
    pub(super) fn new(room: Room) -> Self {
        Self {
            room,
            members: BTreeMap::new(),
            messages: BTreeMap::new(),
            places: BTreeMap::new(),
            threads: BTreeMap::new(),
            followers: BTreeMap::new(),
            read: BTreeMap::new(),
        }
    }

    /// Whether a user says in it what a conversation file holds.
    pub(super) fn is_fed_by(&self, user: UserId) -> bool {
        self.room.conversation.is_some() && self.room.created_by == user
    }

    /// A message as it is now.
    pub(super) fn message(&self, id: MessageId) -> Option<&Message> {
        self.messages.get(self.places.get(&id)?)
    }

    /// How many messages of others came after a position and are not deleted.
    pub(super) fn unread_after(&self, user: UserId, seq: u64) -> u64 {
        let later = self.messages.range(seq.saturating_add(1)..).map(|(_, message)| message);
        later.filter(|message| message.deleted_at.is_none() && message.author != user).count() as u64
    }

    /// How far a member has read: what was said before they joined is history.
    pub(super) fn marker(&self, member: &Member) -> ReadMarker {
        let seq = self.read.get(&member.user).copied().unwrap_or(member.seq);
        ReadMarker { room: self.room.id, seq, unread: self.unread_after(member.user, seq) }
    }
}
