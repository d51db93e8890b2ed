//! One WebSocket's life, from `hello` to its end: keeps the copies of the streams, sends the outbox's commands, keeps
//! the token fresh, and notices silence.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::{Instant, sleep_until};

use super::backoff::Backoff;
use super::errand::{Errand, Errands};
use super::operation::{Outcome, Refusal};
use super::outbox::{Item, Ticket};
use super::session::{Access, Distrust, SentAway};
use super::shared::Shared;
use super::socket::{End, Heard, Socket};
use super::upload::{Piece, PieceReply};
use super::wish::Wishes;
use super::{Connector, Installed};
use crate::protocol::{
    AuthRefresh, ChunkFrame, ClientFrame, Closing, Command, ErrorCode, ErrorReply, Follow, Hello, ServerFrame,
    Snapshot, StreamId, StreamState, Unsubscribe, Unsubscribed, Welcome,
};

/// How a conversation ended.
#[derive(Debug)]
pub(super) struct Ended {
    /// The connection's end.
    pub(super) end: End,
    /// It got as far as a `welcome`.
    pub(super) welcomed: bool,
    /// What the server announced before.
    pub(super) closing: Option<Closing>,
    /// The token that the connection lived on in the end.
    pub(super) token: Arc<str>,
}

/// Talks until the connection ends, is given up, or is no longer wanted.
pub(super) async fn talk<C: Connector>(
    shared: &Arc<Shared<C>>,
    socket: Socket<C::Stream>,
    access: Access,
    wishes: &mut Wishes,
) -> Ended {
    let mut conversation = Conversation {
        shared: shared.clone(),
        socket,
        access,
        asked: BTreeMap::new(),
        last_id: 0,
        sent_until: 0,
        leaving: BTreeMap::new(),
        joining: BTreeMap::new(),
        errands: Errands::default(),
        retries: Backoff::new(&shared.config.timing),
        opened_at: Instant::now(),
        heard_at: Instant::now(),
        welcomed: false,
        closing: None,
    };
    let Err(stop) = conversation.run(wishes).await;
    shared.disconnected();
    let end = match stop {
        Stop::Dead(end) => end,
        Stop::Leave(reason) => conversation.socket.close(reason).await,
    };
    let Conversation { welcomed, closing, ref access, .. } = conversation;
    Ended { end, welcomed, closing, token: access.token.clone() }
}

struct Conversation<C: Connector> {
    shared: Arc<Shared<C>>,
    socket: Socket<C::Stream>,
    /// The token that the connection lives on.
    access: Access,
    /// What was asked, by the `id` of its frame.
    asked: BTreeMap<String, Asked>,
    /// Commands and pieces count together: the server's replies name them alike.
    last_id: u32,
    /// Every command of the outbox up to this one was sent on this connection.
    sent_until: Ticket,
    /// The streams that are being left, each with the operations that wait to follow it again.
    leaving: BTreeMap<StreamId, Vec<Ticket>>,
    /// The streams that are being followed again, each with the operation that asked and those that wait for its answer: a
    /// second one would ask from where the first did, and hear the same events twice.
    joining: BTreeMap<StreamId, (Ticket, Vec<Ticket>)>,
    errands: Errands,
    /// For commands that were refused for the time being.
    retries: Backoff,
    opened_at: Instant,
    heard_at: Instant,
    welcomed: bool,
    closing: Option<Closing>,
}

/// A command that was not answered yet.
enum Asked {
    Hello,
    Command(Ticket),
    /// Who waits for it.
    Piece(oneshot::Sender<PieceReply>),
    /// Of a stream that was left on an earlier connection.
    Leave,
    Refresh,
}

/// Why a conversation stops.
enum Stop {
    /// The connection is no more.
    Dead(End),
    /// The connection is to be closed, for this reason.
    Leave(&'static str),
}

impl From<End> for Stop {
    fn from(end: End) -> Self {
        Self::Dead(end)
    }
}

impl<C: Connector> Conversation<C> {
    async fn run(&mut self, wishes: &mut Wishes) -> Result<Infallible, Stop> {
        let positions = self.shared.state().replicas.positions();
        self.ask(Command::Hello(Hello { positions, follow: Follow::All }), Asked::Hello)?;
        let shared = self.shared.clone();
        let mut tokens = shared.session.watch();
        let patience = sleep_until(self.deadline());
        tokio::pin!(patience);
        loop {
            // Frames come last: there may always be one more, while everything else is rare.
            tokio::select! {
                biased;
                () = wishes.withdrawn() => return Err(Stop::Leave("closed by this client")),
                Ok(()) = tokens.changed() => self.hand_over_token()?,
                () = shared.command_added.notified(), if self.welcomed => self.send_commands()?,
                Some(done) = self.errands.next() => self.errand_done(done)?,
                () = &mut patience => {
                    // Set anew only when it fires: most frames come long before.
                    if Instant::now() >= self.deadline() {
                        let reason = if self.welcomed { "silent for too long" } else { "not welcomed in time" };
                        return Err(Stop::Dead(self.socket.ended(None, reason.to_owned())));
                    }
                    patience.as_mut().reset(self.deadline());
                }
                heard = self.socket.receive() => {
                    self.heard_at = Instant::now();
                    if let Heard::Frame(frame) = heard? {
                        self.hear(&frame)?;
                    }
                }
            }
        }
    }

    fn hear(&mut self, frame: &ServerFrame) -> Result<(), Stop> {
        match frame {
            ServerFrame::Welcome(id, welcome) => {
                self.answered(id);
                self.welcome(welcome)?;
            }
            ServerFrame::Event(event) => {
                let applied = self.shared.state().replicas.apply(event);
                if let Err(error) = applied {
                    self.shared.report_broken(event.stream, &error);
                    self.fetch_awaited();
                }
            }
            ServerFrame::Subscribed(id, state) => self.subscribed(id, state)?,
            ServerFrame::Unsubscribed(id, unsubscribed) => self.unsubscribed(id, unsubscribed)?,
            ServerFrame::Ack(id, ack) => {
                if let Some(Asked::Command(ticket)) = self.answered(id) {
                    self.retries.reset();
                    self.shared.settle(ticket, Outcome::Acknowledged(ack.clone()));
                }
            }
            ServerFrame::ChunkStored(id, stored) => {
                if let Some(Asked::Piece(waiting)) = self.answered(id) {
                    // Who is gone by now asks where the upload is, should it go on.
                    let _ = waiting.send(PieceReply::Stored(stored.offset));
                }
            }
            ServerFrame::TokenRefreshed(id, _) => {
                self.answered(id);
            }
            ServerFrame::Error(id, error) => {
                if let Some(asked) = self.answered(id) {
                    self.refused(asked, error)?;
                }
            }
            ServerFrame::Ping => self.say(None, Command::Pong)?,
            ServerFrame::TokenExpiring(_) => self.renew_token(),
            ServerFrame::Closing(closing) => self.closing = Some(*closing),
            ServerFrame::Presence(seen) => {
                self.shared.state().heard.changed(seen);
                self.shared.observer.presence_changed(seen);
            }
            ServerFrame::PresenceState(state) => {
                self.shared.state().heard.state(state);
                self.shared.observer.presence_known(state);
            }
            ServerFrame::Typing(typing) => {
                self.shared.state().heard.typing(typing);
                self.shared.observer.typing(typing);
            }
            // Ephemeral: whoever wants to know observes the frame.
            ServerFrame::FileProgress(_) => {}
            // Whoever is warned observes it too; the server slows this client down by reading later.
            ServerFrame::Warning(_) => {}
            ServerFrame::Done(id, _) => {
                if let Some(Asked::Command(ticket)) = self.answered(id) {
                    self.retries.reset();
                    self.shared.settle(ticket, Outcome::Done);
                }
            }
        }
        Ok(())
    }

    /// A stream is followed: as was asked, or since a right was gained.
    fn subscribed(&mut self, id: &Option<String>, state: &StreamState) -> Result<(), Stop> {
        let asked = self.answered(id);
        let subscribed = self.shared.state().replicas.subscribed(state);
        if let Err(error) = subscribed {
            self.shared.report_broken(state.stream, &error);
        }
        self.fetch_awaited();
        if let Some(Asked::Command(ticket)) = asked {
            self.shared.state().replicas.rejoin(state.stream);
            self.shared.settle(ticket, Outcome::Subscribed(*state));
            return self.joined(ticket);
        }
        // It was left while there was no right to it: it stays left.
        let left = self.shared.state().replicas.is_left(state.stream);
        if left { self.leave(state.stream) } else { Ok(()) }
    }

    /// An operation has its answer: those that wait for it because they ask the same go on.
    fn joined(&mut self, ticket: Ticket) -> Result<(), Stop> {
        let stream = self.joining.iter().find(|(_, (asking, _))| *asking == ticket).map(|(stream, _)| *stream);
        let waiting = stream.and_then(|stream| self.joining.remove(&stream)).map(|(_, waiting)| waiting);
        for ticket in waiting.unwrap_or_default() {
            self.errand_done(Ok(Errand::SendAgain(ticket)))?;
        }
        Ok(())
    }

    /// A stream is not followed any more: as was asked, or since the right to it was lost.
    fn unsubscribed(&mut self, id: &Option<String>, unsubscribed: &Unsubscribed) -> Result<(), Stop> {
        let Unsubscribed { stream, .. } = *unsubscribed;
        let asked = self.answered(id);
        let mut state = self.shared.state();
        match asked {
            Some(_) => state.replicas.leave(stream),
            None => state.replicas.unsubscribed(stream),
        }
        state.heard.unsubscribed(stream);
        drop(state);
        self.errands.forget(stream);
        if let Some(Asked::Command(ticket)) = asked {
            self.shared.settle(ticket, Outcome::Done);
        }
        for ticket in self.leaving.remove(&stream).unwrap_or_default() {
            self.errand_done(Ok(Errand::SendAgain(ticket)))?;
        }
        Ok(())
    }

    fn welcome(&mut self, welcome: &Welcome) -> Result<(), Stop> {
        self.welcomed = true;
        self.shared.observer.connection_opened(self.socket.connection(), welcome.user, welcome.token_expires_at);
        let broken = {
            let mut state = self.shared.state();
            state.connected = true;
            state.welcomed_as = Some(welcome.role);
            state.replicas.welcomed(&welcome.streams)
        };
        for (stream, error) in broken {
            self.shared.report_broken(stream, &error);
        }
        self.fetch_awaited();
        let left = self.shared.state().replicas.left();
        for stream in left {
            self.leave(stream)?;
        }
        // The token may have been renewed between the upgrade and now.
        self.hand_over_token()?;
        self.send_commands()
    }

    fn refused(&mut self, asked: Asked, error: &ErrorReply) -> Result<(), Stop> {
        let ticket = match asked {
            Asked::Hello => return Err(Stop::Leave("the hello was refused")),
            Asked::Refresh => return Err(Stop::Leave("the new token was refused")),
            // It cannot be left: then it is followed.
            Asked::Leave => return Ok(()),
            Asked::Command(ticket) => ticket,
            Asked::Piece(waiting) => {
                if error.code == ErrorCode::Unauthenticated {
                    self.renew_token();
                }
                let _ = waiting.send(PieceReply::Refused(error.clone()));
                return Ok(());
            }
        };
        self.joined(ticket)?;
        if error.code == ErrorCode::Unauthenticated {
            self.renew_token();
        } else if !error.temporary {
            self.shared.refuse(ticket, Refusal { code: Some(error.code), message: error.message.clone() });
            return Ok(());
        }
        let momentary = |item: Item| item.operation.is_momentary();
        if self.shared.state().outbox.get(ticket).is_some_and(momentary) {
            self.shared.settle(ticket, Outcome::Lapsed);
            return Ok(());
        }
        let wait = self.retries.next(&*self.shared.platform);
        self.errands.send_again(ticket, wait.max(Duration::from_millis(error.retry_after_ms.unwrap_or(0))));
        Ok(())
    }

    fn errand_done(&mut self, done: Result<Errand, SentAway>) -> Result<(), Stop> {
        match done {
            Ok(Errand::Fetched(snapshot)) => self.install(*snapshot),
            // Whoever renewed it has told everybody, this conversation too.
            Ok(Errand::Renewed) => {}
            Ok(Errand::SendAgain(ticket)) => {
                let item = self.shared.state().outbox.get(ticket);
                if let Some(item) = item {
                    self.send_command(&item)?;
                }
            }
            Err(sent_away) => {
                self.shared.send_away(&sent_away);
                return Err(Stop::Leave("sent away for good"));
            }
        }
        Ok(())
    }

    fn install(&mut self, snapshot: Snapshot) {
        let stream = snapshot.stream;
        let installed = self.shared.state().replicas.install(snapshot);
        match installed {
            Ok(Installed::Merged | Installed::NotNeeded) => return,
            Ok(Installed::TooOld) => {}
            Err(error) => self.shared.report_broken(stream, &error),
        }
        self.errands.fetch(&self.shared, stream, true);
    }

    fn fetch_awaited(&mut self) {
        let awaiting = self.shared.state().replicas.awaiting();
        for stream in awaiting {
            self.errands.fetch(&self.shared, stream, false);
        }
    }

    fn renew_token(&mut self) {
        self.shared.session.distrust(&self.access.token, Distrust::Expired);
        self.errands.renew(&self.shared);
    }

    /// Puts the newest token under this connection, if it lives on an older one (REQUIREMENTS.md WS-6).
    fn hand_over_token(&mut self) -> Result<(), Stop> {
        let Some(newest) = self.shared.session.newest() else { return Ok(()) };
        if newest == self.access || !self.welcomed {
            return Ok(());
        }
        if newest.session != self.access.session {
            return Err(Stop::Leave("there is a new session"));
        }
        let token = newest.token.to_string();
        self.access = newest;
        self.ask(Command::AuthRefresh(AuthRefresh { token }), Asked::Refresh)
    }

    /// Sends every command of the outbox that this connection has not sent yet, in order, and the pieces of uploads.
    fn send_commands(&mut self) -> Result<(), Stop> {
        loop {
            let item = self.shared.state().outbox.command_after(self.sent_until);
            let Some(item) = item else { break };
            self.sent_until = item.ticket;
            self.send_command(&item)?;
        }
        while let Some((Piece { file, offset, bytes }, waiting)) = self.shared.next_piece() {
            let request = self.next_id();
            self.asked.insert(request.to_string(), Asked::Piece(waiting));
            self.socket.send_chunk(&ChunkFrame { file, offset, request, bytes })?;
        }
        Ok(())
    }

    fn send_command(&mut self, item: &Item) -> Result<(), Stop> {
        let Some(mut command) = item.operation.command(&item.key) else { return Ok(()) };
        match &mut command {
            Command::Unsubscribe(unsubscribe) => drop(self.leaving.entry(unsubscribe.stream).or_default()),
            Command::Subscribe(subscribe) => {
                // From where is only known once nothing more of the stream comes.
                if let Some(waiting) = self.leaving.get_mut(&subscribe.stream) {
                    waiting.push(item.ticket);
                    return Ok(());
                }
                let state = self.shared.state();
                let (follows, position) =
                    (state.replicas.follows(subscribe.stream), state.replicas.position(subscribe.stream));
                drop(state);
                if follows {
                    self.shared.settle(item.ticket, Outcome::Done);
                    return Ok(());
                }
                if let Some((_, waiting)) = self.joining.get_mut(&subscribe.stream) {
                    waiting.push(item.ticket);
                    return Ok(());
                }
                self.joining.insert(subscribe.stream, (item.ticket, Vec::new()));
                subscribe.position = position;
            }
            _ => {}
        }
        self.ask(command, Asked::Command(item.ticket))
    }

    /// Leaves a stream again that this client has left before.
    fn leave(&mut self, stream: StreamId) -> Result<(), Stop> {
        self.leaving.entry(stream).or_default();
        self.ask(Command::Unsubscribe(Unsubscribe { stream }), Asked::Leave)
    }

    fn ask(&mut self, command: Command, asked: Asked) -> Result<(), Stop> {
        let id = self.next_id().to_string();
        self.asked.insert(id.clone(), asked);
        self.say(Some(id), command)
    }

    /// Wraps around: what was asked four thousand million frames ago was answered.
    fn next_id(&mut self) -> u32 {
        self.last_id = self.last_id.wrapping_add(1);
        self.last_id
    }

    fn answered(&mut self, id: &Option<String>) -> Option<Asked> {
        self.asked.remove(id.as_ref()?)
    }

    fn say(&mut self, id: Option<String>, command: Command) -> Result<(), Stop> {
        Ok(self.socket.send(ClientFrame { id, command })?)
    }

    /// When the connection counts as dead, if nothing more is heard.
    fn deadline(&self) -> Instant {
        let timing = &self.shared.config.timing;
        if self.welcomed { self.heard_at + timing.silence() } else { self.opened_at + timing.request_timeout() }
    }
}
