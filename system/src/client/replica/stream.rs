//! One followed stream: pushes, a snapshot that is fetched meanwhile, and their merge without gap or repeat
//! (PROTOCOL.md, promises 3 to 5).

use std::sync::Arc;

use super::state::Limits;
use super::{ReplicaError, state};
use crate::protocol::{Epoch, Event, Position, Snapshot, SnapshotState, StreamId, StreamState};

/// A client's copy of one stream.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Replica {
    /// The last event known.
    pub seq: u64,
    /// The history that it counts in.
    pub epoch: Epoch,
    /// Absent until a snapshot was taken. Shared with the client until the next event.
    pub state: Option<Arc<SnapshotState>>,
}

/// What became of an event.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Applied {
    /// It is in the state.
    Now,
    /// It waits for the snapshot that is being fetched.
    Held,
    /// The snapshot, which was ahead of the pushes, had it already.
    Covered,
}

/// What a snapshot did.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Installed {
    /// The stream has its state.
    Merged,
    /// It is older than the subscription: what lies between would be lost. Fetch again.
    TooOld,
    /// The stream did not wait for one.
    NotNeeded,
}

/// A stream and where its pushes are.
#[derive(Clone, Debug)]
pub(super) struct Stream {
    id: StreamId,
    epoch: Epoch,
    /// The last position pushed, or from which pushes begin. What is pushed is contiguous from here.
    pushed: u64,
    content: Content,
    limits: Limits,
}

#[derive(Clone, Debug)]
enum Content {
    /// All events up to `seq` add up to `state`. After a snapshot, `seq` may be ahead of the pushes.
    Known { seq: u64, state: Arc<SnapshotState> },
    /// A snapshot at `from` or later is needed; the events pushed after `from` are held for it.
    Awaited { from: u64, held: Vec<Event> },
}

impl Stream {
    /// A stream from where the server delivers it, without a state.
    pub(super) fn new(subscribed: &StreamState, limits: Limits) -> Self {
        Self {
            id: subscribed.stream,
            epoch: subscribed.epoch,
            pushed: subscribed.seq,
            content: Content::Awaited { from: subscribed.seq, held: Vec::new() },
            limits,
        }
    }

    /// The server delivers it anew on another connection, or after another `subscribe`.
    pub(super) fn subscribed(&mut self, subscribed: &StreamState) -> Result<(), ReplicaError> {
        let position = self.position();
        let resumed =
            subscribed.recovered && position == Some(Position { seq: subscribed.seq, epoch: subscribed.epoch });
        self.epoch = subscribed.epoch;
        self.pushed = subscribed.seq;
        if resumed {
            return Ok(());
        }
        self.await_snapshot(subscribed.seq);
        if subscribed.recovered {
            let expected = position.map(|position| position.seq);
            return Err(ReplicaError::ResumedElsewhere { expected, got: subscribed.seq });
        }
        Ok(())
    }

    /// A push came.
    pub(super) fn apply(&mut self, event: &Event) -> Result<Applied, ReplicaError> {
        if event.epoch != self.epoch {
            let expected = std::mem::replace(&mut self.epoch, event.epoch);
            self.hold_from(event);
            return Err(ReplicaError::OtherEpoch { expected, got: event.epoch });
        }
        let expected = self.pushed + 1;
        if event.seq < expected {
            return Err(ReplicaError::Repeat { reached: self.pushed, got: event.seq });
        }
        if event.seq > expected {
            self.hold_from(event);
            return Err(ReplicaError::Gap { expected, got: event.seq });
        }
        self.pushed = event.seq;
        match &mut self.content {
            Content::Awaited { held, .. } => {
                held.push(event.clone());
                Ok(Applied::Held)
            }
            Content::Known { seq, .. } if event.seq <= *seq => Ok(Applied::Covered),
            Content::Known { .. } => self.advance(event).map(|()| Applied::Now),
        }
    }

    /// A snapshot was fetched.
    pub(super) fn install(&mut self, snapshot: Snapshot) -> Result<Installed, ReplicaError> {
        let Content::Awaited { from, held } = &mut self.content else { return Ok(Installed::NotNeeded) };
        if !state::belongs(&snapshot.state, self.id) {
            return Err(ReplicaError::WrongSnapshot);
        }
        if snapshot.epoch != self.epoch || snapshot.seq < *from {
            return Ok(Installed::TooOld);
        }
        if let SnapshotState::Room { messages, earlier, threads, earlier_threads, .. } = &snapshot.state {
            // Where the server left older ones out, this is how many it ever gives.
            if *earlier {
                self.limits.messages = messages.len();
            }
            if *earlier_threads {
                self.limits.threads = threads.len();
            }
        }
        let held = std::mem::take(held);
        let seq = snapshot.seq;
        self.content = Content::Known { seq, state: Arc::new(snapshot.state) };
        for event in held.iter().filter(|event| event.seq > seq) {
            self.advance(event)?;
        }
        Ok(Installed::Merged)
    }

    /// Where to resume, if the state is known.
    pub(super) fn position(&self) -> Option<Position> {
        match self.content {
            Content::Known { seq, .. } => Some(Position { seq, epoch: self.epoch }),
            Content::Awaited { .. } => None,
        }
    }

    pub(super) fn state(&self) -> Option<&Arc<SnapshotState>> {
        match &self.content {
            Content::Known { state, .. } => Some(state),
            Content::Awaited { .. } => None,
        }
    }

    pub(super) fn replica(&self) -> Replica {
        let seq = self.position().map_or(self.pushed, |position| position.seq);
        Replica { seq, epoch: self.epoch, state: self.state().cloned() }
    }

    /// Applies the next event to a known state.
    fn advance(&mut self, event: &Event) -> Result<(), ReplicaError> {
        let Content::Known { seq, state } = &mut self.content else { return Ok(()) };
        let applied = state::apply(Arc::make_mut(state), event, self.limits);
        *seq = event.seq;
        applied.map_err(|reason| {
            // The state may be wrong: only a snapshot that has everything pushed so far is to be trusted.
            self.await_snapshot(self.pushed);
            ReplicaError::Impossible { kind: event.body.kind(), reason }
        })
    }

    /// Starts over from this event.
    fn hold_from(&mut self, event: &Event) {
        self.pushed = event.seq;
        self.content = Content::Awaited { from: event.seq.saturating_sub(1), held: vec![event.clone()] };
    }

    fn await_snapshot(&mut self, from: u64) {
        self.content = Content::Awaited { from, held: Vec::new() };
    }
}
