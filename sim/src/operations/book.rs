//! The book: what the names of a history stand for, as far as the run has come.
//!
//! A person who edits "m17" has seen it; a device is let do so from the moment that anybody's device has. Whether its own
//! user may is the server's to decide.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use system::protocol::{
    CompanyId, File, FileId, FileState, InvitationId, MessageId, RoomId, SessionId, ThreadId, UserId,
};

/// What names stand for. Clones are the same book.
#[derive(Clone, Debug, Default)]
pub(crate) struct Book {
    company: Option<CompanyId>,
    users: Arc<Mutex<BTreeMap<String, UserId>>>,
    rooms: Arc<Mutex<BTreeMap<String, RoomId>>>,
    messages: Arc<Mutex<BTreeMap<String, MessageId>>>,
    threads: Arc<Mutex<BTreeMap<MessageId, ThreadId>>>,
    sessions: Arc<Mutex<BTreeMap<String, SessionId>>>,
    invitations: Arc<Mutex<BTreeMap<String, (InvitationId, String)>>>,
    contents: Arc<Mutex<BTreeMap<String, Bytes>>>,
    files: Arc<Mutex<BTreeMap<String, (FileId, FileState)>>>,
}

impl Book {
    /// With those who are there from the beginning.
    pub(crate) fn new(company: CompanyId, users: BTreeMap<String, UserId>, rooms: BTreeMap<String, RoomId>) -> Self {
        Self {
            company: Some(company),
            users: Arc::new(Mutex::new(users)),
            rooms: Arc::new(Mutex::new(rooms)),
            messages: Arc::default(),
            threads: Arc::default(),
            sessions: Arc::default(),
            invitations: Arc::default(),
            contents: Arc::default(),
            files: Arc::default(),
        }
    }

    /// The company of everybody.
    pub(crate) fn company(&self) -> Result<CompanyId, String> {
        self.company.ok_or_else(|| "there is no company yet".to_owned())
    }

    /// A user by name.
    pub(crate) fn user(&self, name: &str) -> Result<UserId, String> {
        lock(&self.users).get(name).copied().ok_or_else(|| format!("there is no user {name} yet"))
    }

    /// A user came.
    pub(crate) fn add_user(&self, name: &str, user: UserId) {
        lock(&self.users).insert(name.to_owned(), user);
    }

    /// Everybody who is known, by identifier.
    pub(crate) fn users(&self) -> Vec<UserId> {
        lock(&self.users).values().copied().collect()
    }

    /// A room by its first name.
    pub(crate) fn room(&self, name: &str) -> Result<RoomId, String> {
        lock(&self.rooms).get(name).copied().ok_or_else(|| format!("there is no room {name} yet"))
    }

    /// A room is known from now on.
    pub(crate) fn add_room(&self, name: &str, room: RoomId) {
        lock(&self.rooms).insert(name.to_owned(), room);
    }

    /// A message by its first text.
    pub(crate) fn message(&self, body: &str) -> Result<MessageId, String> {
        lock(&self.messages).get(body).copied().ok_or_else(|| format!("nobody has seen message {body:?} yet"))
    }

    /// A message was seen.
    pub(crate) fn add_message(&self, body: &str, message: MessageId) {
        let mut messages = lock(&self.messages);
        if !messages.contains_key(body) {
            messages.insert(body.to_owned(), message);
        }
    }

    /// The thread of a message, by the message's first text.
    pub(crate) fn thread(&self, body: &str) -> Result<ThreadId, String> {
        let root = self.message(body)?;
        lock(&self.threads).get(&root).copied().ok_or_else(|| format!("nobody has seen a thread of {body:?} yet"))
    }

    /// A thread was seen.
    pub(crate) fn add_thread(&self, root: MessageId, thread: ThreadId) {
        lock(&self.threads).insert(root, thread);
    }

    /// The session that a device opened last.
    pub(crate) fn session(&self, device: &str) -> Result<SessionId, String> {
        lock(&self.sessions).get(device).copied().ok_or_else(|| format!("{device} has no session yet"))
    }

    /// A device logged in.
    pub(crate) fn add_session(&self, device: &str, session: SessionId) {
        lock(&self.sessions).insert(device.to_owned(), session);
    }

    /// An invitation by whom it is for: its identifier, and the token to accept it with.
    pub(crate) fn invitation(&self, guest: &str) -> Result<(InvitationId, String), String> {
        lock(&self.invitations).get(guest).cloned().ok_or_else(|| format!("there is no invitation of {guest} yet"))
    }

    /// An invitation is known from now on.
    pub(crate) fn add_invitation(&self, guest: &str, invitation: InvitationId, token: String) {
        lock(&self.invitations).insert(guest.to_owned(), (invitation, token));
    }

    /// What a file is made of, if its upload has begun.
    pub(crate) fn content(&self, name: &str) -> Option<Bytes> {
        lock(&self.contents).get(name).cloned()
    }

    /// An upload begins.
    pub(crate) fn add_content(&self, name: &str, content: Bytes) {
        lock(&self.contents).insert(name.to_owned(), content);
    }

    /// A file by its name.
    pub(crate) fn file(&self, name: &str) -> Result<FileId, String> {
        lock(&self.files).get(name).map(|(file, _)| *file).ok_or_else(|| format!("nobody has seen {name} yet"))
    }

    /// A file that nobody knows to be complete.
    pub(crate) fn upload(&self, name: &str) -> Result<FileId, String> {
        match lock(&self.files).get(name) {
            Some((file, FileState::Uploading)) => Ok(*file),
            Some((_, FileState::Complete)) => Err(format!("{name} is complete already")),
            None => Err(format!("nobody has seen {name} yet")),
        }
    }

    /// A file was seen.
    pub(crate) fn add_file(&self, file: &File) {
        let mut files = lock(&self.files);
        match files.get_mut(&file.name) {
            Some((_, state)) => *state = (*state).max(file.state),
            None => drop(files.insert(file.name.clone(), (file.id, file.state))),
        }
    }
}

/// Locks, whoever panicked meanwhile.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
