//! A connection's life in the hub: connect, join streams, leave them, disconnect.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use tokio_tungstenite::tungstenite::Utf8Bytes;

use super::queue::Queue;
use super::{Hub, Live, State};
use crate::domain::streams::Joined;
use crate::protocol::{CompanyId, EventBody, Position, StreamId, StreamState, Timestamp, UserStatus};
use crate::store::{Actor, Commit, CommitNumber};

/// What the hub and the connection's own task share.
#[derive(Debug)]
pub struct ConnectionHandle {
    /// Its number since the server started.
    pub id: u64,
    /// Whose.
    pub actor: Actor,
    /// Their company.
    pub company: CompanyId,
    /// The other side.
    pub peer: Peer,
    /// Since when.
    pub connected_at: Timestamp,
    /// What waits to be sent.
    pub queue: Queue,
}

/// What the handshake said of the other side.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Peer {
    /// Its address.
    pub address: String,
    /// What operators see of it, by name.
    pub attributes: BTreeMap<String, String>,
}

/// Who connects, as the store knew them as of a commit.
#[derive(Clone, Debug)]
pub struct Newcomer {
    /// Who, and by which session.
    pub actor: Actor,
    /// Their company.
    pub company: CompanyId,
    /// The status that they chose.
    pub chosen: UserStatus,
    /// The other side.
    pub peer: Peer,
    /// Since when.
    pub connected_at: Timestamp,
}

/// A stream to join, and where the client is in it.
#[derive(Debug)]
pub struct Joining {
    /// What the store said of it.
    pub joined: Joined,
    /// The client's position, if it gave one.
    pub position: Option<Position>,
}

/// How an attempt to join ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Attached {
    /// The reply is queued, and everything after it will be.
    Done,
    /// The hub no longer remembers all that was published since: read the store again.
    Behind,
    /// The connection is closed.
    Gone,
}

/// A connection that ended, by whichever way: the hub forgets it when this is dropped.
#[derive(Debug)]
pub struct Detached {
    hub: Arc<Hub>,
    id: u64,
}

impl Drop for Detached {
    fn drop(&mut self) {
        self.hub.disconnect(self.id);
    }
}

impl Hub {
    /// Registers a connection whose user was found good as of a commit. Dropping the guard unregisters it.
    /// `None`: the hub no longer remembers all since then, read the store again.
    pub fn connect(
        self: &Arc<Self>,
        as_of: CommitNumber,
        newcomer: Newcomer,
    ) -> Option<(Arc<ConnectionHandle>, Detached)> {
        let Newcomer { actor, company, chosen, peer, connected_at } = newcomer;
        let mut state = self.lock();
        let since = state.since(as_of)?;
        state.connected_in_total += 1;
        let id = state.connected_in_total;
        let queue = Queue::new(self.config.websocket.queue_bytes);
        let handle = Arc::new(ConnectionHandle { id, actor, company, peer, connected_at, queue });
        let live = Live {
            handle: handle.clone(),
            follows_all: false,
            delivered: BTreeMap::new(),
            left: BTreeSet::new(),
            joined_as_of: as_of,
        };
        state.connections.insert(id, live);
        let was_offline = state.arrive(id, company, chosen);
        // A revocation since the user was found good closes the connection right away.
        for commit in since {
            // The hub knows better than the store did whenever it knows the user at all.
            if let EventBody::StatusUpdated(newer) = &commit.event.body
                && was_offline
                && newer.user == actor.user
            {
                state.choose(newer);
            }
            state.deliver(id, &commit);
        }
        if let Some(closing) = state.draining {
            handle.queue.close(closing);
        }
        Some((handle, Detached { hub: self.clone(), id }))
    }

    /// Lets a connection follow streams as of a commit: queues the reply, then what the client is missing in commit
    /// order, then what was published since.
    pub fn attach(
        &self,
        id: u64,
        as_of: CommitNumber,
        follows_all: bool,
        streams: Vec<Joining>,
        reply: impl FnOnce(Vec<StreamState>) -> Utf8Bytes,
    ) -> Attached {
        let mut state = self.lock();
        let Some(since) = state.since(as_of) else { return Attached::Behind };
        let Some(live) = state.connections.get_mut(&id) else { return Attached::Gone };
        live.follows_all |= follows_all;
        live.joined_as_of = live.joined_as_of.max(as_of);
        let (answers, missing) = begin(live, streams);
        for stream in answers.iter().map(|answer| answer.stream) {
            state.followers.entry(stream).or_default().insert(id);
        }
        let joined: Vec<StreamId> = answers.iter().map(|answer| answer.stream).collect();
        let live = state.connections.get_mut(&id).expect("it was found above, under this lock");
        live.handle.queue.push_reply(reply(answers));
        if joined.contains(&StreamId::Company(live.handle.company)) {
            state.tell_presence(id);
        }
        let live = state.connections.get_mut(&id).expect("it was found above, under this lock");
        for commit in missing {
            live.send(&commit);
        }
        for commit in since {
            if follows_all || joined.contains(&commit.event.stream) {
                state.deliver(id, &commit);
            }
        }
        Attached::Done
    }

    /// Takes a stream from a connection at its own wish.
    pub fn detach(&self, id: u64, stream: StreamId) {
        let mut state = self.lock();
        if let Some(live) = state.connections.get_mut(&id) {
            if live.delivered.remove(&stream).is_some() {
                live.left.insert(stream);
            }
            live.handle.queue.purge(stream);
        }
        state.unfollow(id, stream);
    }

    fn disconnect(&self, id: u64) {
        let mut state = self.lock();
        let Some(live) = state.connections.remove(&id) else { return };
        for stream in live.delivered.keys() {
            state.unfollow(id, *stream);
        }
        if let Some(generation) = state.depart(id, live.handle.actor.user) {
            self.begin_grace(live.handle.actor.user, generation);
        }
    }
}

/// Sets where each stream is delivered from. Returns the answers, and what is missing over all, in commit order.
fn begin(live: &mut Live, streams: Vec<Joining>) -> (Vec<StreamState>, Vec<Commit>) {
    let mut answers = Vec::with_capacity(streams.len());
    let mut missing = Vec::new();
    for Joining { joined, position } in streams {
        let recovered = joined.missing.is_some();
        let seq = match position {
            Some(position) if recovered => position.seq,
            _ => joined.head.seq,
        };
        live.delivered.insert(joined.stream, seq);
        live.left.remove(&joined.stream);
        missing.extend(joined.missing.unwrap_or_default());
        answers.push(StreamState { stream: joined.stream, seq, epoch: joined.head.epoch, recovered });
    }
    missing.sort_by_key(|commit| commit.number);
    (answers, missing)
}

impl State {
    /// Tells a connection that has just begun to follow its company who is there.
    pub(super) fn tell_presence(&self, id: u64) {
        let Some(live) = self.connections.get(&id) else { return };
        let company = live.handle.company;
        // A quarter of the queue: there is room for everything else that comes with a welcome.
        let state = self.presence_state(company, live.handle.queue.limit_bytes() / 4);
        live.handle.queue.push_state(StreamId::Company(company), state);
    }

    /// What was published after a commit, if the hub remembers all of it.
    fn since(&self, as_of: CommitNumber) -> Option<Vec<Commit>> {
        if self.published <= as_of {
            return Some(Vec::new());
        }
        let oldest = self.memory.front()?.number;
        if oldest.0 > as_of.0 + 1 {
            return None;
        }
        let first = self.memory.partition_point(|commit| commit.number <= as_of);
        Some(self.memory.range(first..).cloned().collect())
    }

    pub(super) fn unfollow(&mut self, id: u64, stream: StreamId) {
        if let Some(followers) = self.followers.get_mut(&stream) {
            followers.remove(&id);
            if followers.is_empty() {
                self.followers.remove(&stream);
            }
        }
    }
}
