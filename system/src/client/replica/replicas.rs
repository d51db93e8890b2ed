//! All followed streams together.

use std::collections::{BTreeMap, BTreeSet};

use super::state::Limits;
use super::stream::Stream;
use super::{Applied, Installed, Replica, ReplicaError};
use crate::protocol::{
    Event, Message, MessageId, Position, Role, RoomId, Snapshot, SnapshotState, StreamId, StreamPosition, StreamState,
    UserId,
};

/// The copy of each followed stream.
#[derive(Clone, Debug)]
pub struct Replicas {
    streams: BTreeMap<StreamId, Stream>,
    /// What was left at one's own wish, as it was then: to go on from there.
    left: BTreeMap<StreamId, Option<Stream>>,
    limits: Limits,
}

impl Replicas {
    /// Nothing is followed yet. Of each room, the newest `messages_limit` messages are kept, and as many threads.
    pub fn new(messages_limit: usize) -> Self {
        let limits = Limits { messages: messages_limit, threads: messages_limit };
        Self { streams: BTreeMap::new(), left: BTreeMap::new(), limits }
    }

    /// Where to resume each stream whose state is known: for `hello`.
    pub fn positions(&self) -> Vec<StreamPosition> {
        self.known().map(|(stream, Position { seq, epoch })| StreamPosition { stream, seq, epoch }).collect()
    }

    /// Each stream whose state is known, and how far.
    pub fn known(&self) -> impl Iterator<Item = (StreamId, Position)> + '_ {
        self.streams.iter().filter_map(|(id, stream)| Some((*id, stream.position()?)))
    }

    /// The streams that wait for a snapshot.
    pub fn awaiting(&self) -> BTreeSet<StreamId> {
        self.streams.iter().filter(|(_, stream)| stream.position().is_none()).map(|(id, _)| *id).collect()
    }

    /// A `welcome` came: these streams are followed from now on, and no other. Gives back what does not fit.
    pub fn welcomed(&mut self, streams: &[StreamState]) -> Vec<(StreamId, ReplicaError)> {
        let followed: BTreeSet<StreamId> = streams.iter().map(|state| state.stream).collect();
        self.streams.retain(|id, _| followed.contains(id));
        streams.iter().filter_map(|state| Some((state.stream, self.subscribed(state).err()?))).collect()
    }

    /// A stream is followed from now on: one that was left goes on from where it was, if the server goes on from there.
    ///
    /// # Errors
    /// The server resumed it from elsewhere than where this client is.
    pub fn subscribed(&mut self, state: &StreamState) -> Result<(), ReplicaError> {
        let limits = self.limits;
        if state.recovered
            && let Some(Some(left)) = self.left.get(&state.stream)
        {
            self.streams.entry(state.stream).or_insert_with(|| left.clone());
        }
        self.streams.entry(state.stream).or_insert_with(|| Stream::new(state, limits)).subscribed(state)
    }

    /// A stream is no longer followed: its copy is dropped.
    pub fn unsubscribed(&mut self, stream: StreamId) {
        self.streams.remove(&stream);
    }

    /// A stream is no longer followed, at one's own wish: its copy is put aside. One that was put aside before, and is
    /// followed only since a new connection follows all, stays as it was.
    pub fn leave(&mut self, stream: StreamId) {
        let copy = self.streams.remove(&stream).filter(|stream| stream.position().is_some());
        self.left.entry(stream).or_insert(copy);
    }

    /// A stream that was left is wanted again.
    pub fn rejoin(&mut self, stream: StreamId) {
        self.left.remove(&stream);
    }

    /// Whether a stream is followed, and not about to be left.
    pub fn follows(&self, stream: StreamId) -> bool {
        self.streams.contains_key(&stream) && !self.is_left(stream)
    }

    /// Whether a stream was left at one's own wish.
    pub fn is_left(&self, stream: StreamId) -> bool {
        self.left.contains_key(&stream)
    }

    /// What was left at one's own wish.
    pub fn left(&self) -> BTreeSet<StreamId> {
        self.left.keys().copied().collect()
    }

    /// Where a stream is, followed or left, if its state is known.
    pub fn position(&self, stream: StreamId) -> Option<Position> {
        match self.left.get(&stream) {
            Some(left) => left.as_ref()?.position(),
            None => self.streams.get(&stream)?.position(),
        }
    }

    /// An event was pushed.
    ///
    /// # Errors
    /// It does not fit. Except after [`ReplicaError::Repeat`] and [`ReplicaError::NotFollowed`], the stream waits for
    /// a snapshot from then on.
    pub fn apply(&mut self, event: &Event) -> Result<Applied, ReplicaError> {
        self.streams.get_mut(&event.stream).ok_or(ReplicaError::NotFollowed)?.apply(event)
    }

    /// A snapshot was fetched: merges it with what was pushed meanwhile.
    ///
    /// # Errors
    /// It is of the wrong kind, or what was pushed meanwhile cannot follow it. The stream still waits for one.
    pub fn install(&mut self, snapshot: Snapshot) -> Result<Installed, ReplicaError> {
        match self.streams.get_mut(&snapshot.stream) {
            Some(stream) => stream.install(snapshot),
            None => Ok(Installed::NotNeeded),
        }
    }

    /// The role of `user` by their own stream, if its state is known.
    pub fn role(&self, user: UserId) -> Option<Role> {
        match &**self.streams.get(&StreamId::User(user))?.state()? {
            SnapshotState::User { user, .. } => Some(user.role),
            _ => None,
        }
    }

    /// A message of a room whose state is known.
    pub fn message(&self, room: RoomId, message: MessageId) -> Option<&Message> {
        match &**self.streams.get(&StreamId::Room(room))?.state()? {
            SnapshotState::Room { messages, .. } => messages.iter().rfind(|candidate| candidate.id == message),
            _ => None,
        }
    }

    /// The copies, as they are.
    pub fn copies(&self) -> BTreeMap<StreamId, Replica> {
        self.streams.iter().map(|(id, stream)| (*id, stream.replica())).collect()
    }
}
