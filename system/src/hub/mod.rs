//! The hub: which connections live, what each follows, and how a commit reaches them.
//!
//! The hub hears of every commit once, in commit order, and of nothing else. Rights that change are commits like any
//! other: the same pass that delivers an event also takes a stream away or gives it (PROTOCOL.md, promise 6). A
//! connection joins *as of* a commit that was read from the store; what was published since is delivered to it from
//! the hub's short memory by the same code that delivers live commits, so there is no gap and nothing to undo
//! (promise 4). The hub never waits and never touches the store or a socket.

mod census;
mod connection;
mod crowd;
mod delivery;
mod draining;
mod ephemeral;
mod operator;
mod presence;
mod queue;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

pub use census::Census;
pub use connection::{Attached, ConnectionHandle, Detached, Joining, Newcomer, Peer};
pub use operator::Which;
pub use queue::{Closing, Frame, Next, Queue};

use tokio::time::Instant;

use crate::config::Config;
use crate::metrics::Metrics;
use crate::platform::Platform;
use crate::protocol::{StreamId, UserId};
use crate::store::{Announcement, Commit, CommitNumber, CommitSink};
use presence::UserPresence;

/// How many commits the hub remembers for connections that are joining. A join that took longer reads again.
const MEMORY: usize = 4_096;

/// All live connections of one server.
#[derive(Debug)]
pub struct Hub {
    state: Mutex<State>,
    config: Arc<Config>,
    platform: Arc<dyn Platform>,
    metrics: Arc<Metrics>,
    /// For the timers that the hub starts: they must not keep it alive.
    this: Weak<Self>,
}

/// What the hub knows. Everything is looked up in ordered maps: a run must be a function of its inputs.
#[derive(Debug, Default)]
struct State {
    connections: BTreeMap<u64, Live>,
    followers: BTreeMap<StreamId, BTreeSet<u64>>,
    users: BTreeMap<UserId, UserPresence>,
    /// Counts the changes of what others see of anybody.
    generation: u64,
    memory: VecDeque<Commit>,
    published: CommitNumber,
    connected_in_total: u64,
    /// Set while the server is being emptied: how a connection that was being upgraded meanwhile is ended.
    draining: Option<Closing>,
}

/// One connection, and how far it was delivered each stream that it follows.
#[derive(Debug)]
struct Live {
    handle: Arc<ConnectionHandle>,
    follows_all: bool,
    delivered: BTreeMap<StreamId, u64>,
    /// What it left at its own wish: no right that is gained brings it back, only a `subscribe`.
    left: BTreeSet<StreamId>,
    /// The newest commit that it joined a stream as of: what was announced before is old to it.
    joined_as_of: CommitNumber,
}

impl Hub {
    /// An empty hub of a store whose newest commit is `published`.
    pub fn new(
        config: Arc<Config>,
        platform: Arc<dyn Platform>,
        metrics: Arc<Metrics>,
        published: CommitNumber,
    ) -> Arc<Self> {
        let state = Mutex::new(State { published, ..State::default() });
        Arc::new_cyclic(|this| Self { state, config, platform, metrics, this: this.clone() })
    }

    /// How many connections live.
    pub fn len(&self) -> usize {
        self.lock().connections.len()
    }

    /// Whether no connection lives.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // The state is whole between any two statements that can panic; a poisoned lock would turn one bug into an
        // outage for everybody.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl CommitSink for Hub {
    fn committed(&self, commits: &[Commit], announcements: &[Announcement]) {
        let begun = Instant::now();
        let mut state = self.lock();
        let mut announcements = announcements.iter().peekable();
        let mut dropped = 0;
        for commit in commits {
            while let Some(announcement) = announcements.next_if(|next| next.after < commit.number) {
                dropped += state.push_announced(announcement);
            }
            state.publish(commit);
        }
        for announcement in announcements {
            dropped += state.push_announced(announcement);
        }
        drop(state);
        self.metrics.websocket.dropped(dropped);
        self.metrics.websocket.fanned_out(begun.elapsed());
    }
}
