//! What the tasks of one client share. Locks are held for moments only and never across an await.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, oneshot, watch};

use super::operation::{Operation, Outcome, Pending, Refusal};
use super::outbox::{Outbox, Ticket};
use super::presence::Heard;
use super::session::{LoginSession, SentAway};
use super::upload::{Piece, PieceReply};
use super::wish::{Wish, Wishes};
use super::{ClientConfig, Connector, Observer, ReplicaError, Replicas, Rest, SavedLogin, Standing};
use crate::platform::Platform;
use crate::protocol::{Role, StreamId};

/// One client, without its tasks.
pub(super) struct Shared<C: Connector> {
    pub(super) config: Arc<ClientConfig>,
    pub(super) connector: Arc<C>,
    pub(super) platform: Arc<dyn Platform>,
    pub(super) observer: Arc<dyn Observer>,
    pub(super) session: LoginSession<C>,
    /// A command for the WebSocket was put into the outbox, or a piece of an upload beside it.
    pub(super) command_added: Notify,
    /// An operation for REST was put into the outbox.
    pub(super) operation_added: Notify,
    wish: watch::Sender<Wish>,
    state: Mutex<State>,
}

/// What changes while a client lives.
pub(super) struct State {
    pub(super) outbox: Outbox,
    /// Pieces of uploads that wait for a connection to go over, each with who waits for the reply.
    pub(super) pieces: VecDeque<(Piece, oneshot::Sender<PieceReply>)>,
    pub(super) replicas: Replicas,
    /// Of those who are there, on the live connection.
    pub(super) heard: Heard,
    pub(super) connected: bool,
    /// By the last `welcome`; the user's own stream knows better once its state is there.
    pub(super) welcomed_as: Option<Role>,
    broken: u64,
    sent_away: Option<String>,
}

impl<C: Connector> Shared<C> {
    pub(super) fn new(
        config: ClientConfig,
        connector: Arc<C>,
        platform: Arc<dyn Platform>,
        observer: Arc<dyn Observer>,
        saved: Option<SavedLogin>,
    ) -> Self {
        let config = Arc::new(config);
        let rest = Rest::new(connector.clone(), config.timing, observer.clone());
        let state = State {
            outbox: Outbox::default(),
            pieces: VecDeque::new(),
            replicas: Replicas::new(config.messages_limit),
            heard: Heard::default(),
            connected: false,
            welcomed_as: None,
            broken: 0,
            sent_away: None,
        };
        Self {
            session: LoginSession::new(rest, config.clone(), platform.clone(), observer.clone(), saved),
            config,
            connector,
            platform,
            observer,
            command_added: Notify::new(),
            operation_added: Notify::new(),
            wish: watch::Sender::new(Wish::Open),
            state: Mutex::new(state),
        }
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn wishes(&self) -> Wishes {
        Wishes::new(self.wish.subscribe())
    }

    /// Changes the wish. What has ended stays ended.
    pub(super) fn wish(&self, wish: Wish) {
        self.wish.send_if_modified(|current| {
            let changes = *current != wish && *current != Wish::Ended;
            if changes {
                *current = wish;
            }
            changes
        });
    }

    /// Puts an operation into the outbox and wakes whoever carries it out.
    pub(super) fn perform(&self, operation: Operation, key: Arc<str>) -> Pending {
        let added = if operation.is_command() { &self.command_added } else { &self.operation_added };
        let mut state = self.state();
        let lapses = operation.is_momentary() && !state.connected;
        let pending = state.outbox.push(operation, key);
        if lapses {
            state.outbox.lapse();
        }
        if *self.wish.borrow() == Wish::Ended {
            state.outbox.abandon();
        }
        added.notify_one();
        pending
    }

    /// Has the next connection, or the one that there is, carry a piece of an upload. None: the connection ended before
    /// the server replied.
    pub(super) async fn send_piece(&self, piece: Piece) -> Option<PieceReply> {
        let (reply, replied) = oneshot::channel();
        self.state().pieces.push_back((piece, reply));
        self.command_added.notify_one();
        replied.await.ok()
    }

    /// The next piece of an upload that somebody still waits for.
    pub(super) fn next_piece(&self) -> Option<(Piece, oneshot::Sender<PieceReply>)> {
        let mut state = self.state();
        loop {
            let (piece, reply) = state.pieces.pop_front()?;
            if !reply.is_closed() {
                return Some((piece, reply));
            }
        }
    }

    /// A definite answer came.
    pub(super) fn settle(&self, ticket: Ticket, outcome: Outcome) {
        self.state().outbox.settle(ticket, outcome);
    }

    /// The server refused an operation for good.
    pub(super) fn refuse(&self, ticket: Ticket, refusal: Refusal) {
        let reason = refusal.to_string();
        let settled = self.state().outbox.settle(ticket, Outcome::Refused(refusal));
        if let Some(item) = settled {
            self.observer.refused(&item.operation.to_string(), &reason);
        }
    }

    /// The live connection ended, and with it what was worth saying or hearing only on it.
    pub(super) fn disconnected(&self) {
        let mut state = self.state();
        state.connected = false;
        state.heard = Heard::default();
        state.outbox.lapse();
    }

    /// What the server pushed does not fit.
    pub(super) fn report_broken(&self, stream: StreamId, error: &ReplicaError) {
        self.state().broken += 1;
        self.observer.replica_broken(stream, error);
    }

    /// The server does not want to see this client again: everything ends.
    pub(super) fn send_away(&self, reason: &SentAway) {
        self.state().sent_away.get_or_insert_with(|| reason.to_string());
        self.end();
    }

    /// Everything ends.
    pub(super) fn end(&self) {
        self.wish(Wish::Ended);
        self.state().outbox.abandon();
    }

    /// Connected, and every followed stream has its state; or it ended, and never will be.
    pub(super) fn is_in_step(&self) -> bool {
        let ended = *self.wish.borrow() == Wish::Ended;
        let state = self.state();
        ended || (state.connected && state.replicas.awaiting().is_empty())
    }

    pub(super) fn standing(&self) -> Standing {
        let user = self.session.user();
        let wants_connection = *self.wish.borrow() == Wish::Open;
        let state = self.state();
        Standing {
            connected: state.connected,
            wants_connection,
            sent_away: state.sent_away.clone(),
            user,
            role: user.and_then(|user| state.replicas.role(user)).or(state.welcomed_as),
            outbox: state.outbox.len(),
            broken: state.broken,
            positions: state.replicas.known().collect(),
        }
    }
}
