//! A connection's life: one task that reads commands and writes what its queue holds, until either side ends it.

use std::pin::pin;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket};
use futures_util::future::{Either, select};
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use tokio::time::{Instant, sleep_until, timeout};
use tracing::info;

use super::commands;
use super::handshake::CLOSE_TIMEOUT;
use crate::app::App;
use crate::domain::rights::is_expired;
use crate::hub::{Closing, ConnectionHandle, Detached, Next};
use crate::protocol::{CloseCode, CompanyId, ErrorCode, ErrorReply, ServerFrame, Timestamp, TokenExpiring};
use crate::refusal::Refusal;
use crate::store::{Actor, CommitNumber};

/// What the handshake has found out.
#[derive(Debug)]
pub(super) struct Established {
    pub(super) actor: Actor,
    pub(super) company: CompanyId,
    pub(super) as_of: CommitNumber,
    pub(super) address: String,
    pub(super) token_expires_at: Timestamp,
    pub(super) correlation: String,
}

/// What the reading and the writing half of a connection share.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) app: App,
    pub(super) handle: Arc<ConnectionHandle>,
    /// Whether `hello` was answered.
    pub(super) greeted: std::sync::atomic::AtomicBool,
    token_expires_at: AtomicI64,
    last_heard: Mutex<Instant>,
    token_changed: tokio::sync::Notify,
}

/// Why a connection ended.
#[derive(Clone, Copy)]
enum End {
    /// The server closes it.
    Closing(Closing),
    /// The client closed it, or the network did.
    Peer(&'static str),
}

/// Runs a connection from its upgrade to its end.
pub(super) async fn run(app: App, established: Established, socket: WebSocket) {
    let Established { actor, company, mut as_of, address, token_expires_at, correlation } = established;
    let connected_at = app.platform.now();
    let (handle, registered) = loop {
        if let Some(connected) = app.hub.connect(as_of, actor, company, address.clone(), connected_at) {
            break connected;
        }
        // The hub has forgotten what was published since the handshake: ask the store anew.
        let checked = app.store.read(move |view| {
            crate::domain::rights::acting(view, actor)?;
            Ok::<_, Refusal>(view.last_commit()?)
        });
        match checked.await {
            Ok(newer) => as_of = newer,
            Err(_) => return,
        }
    };
    let id = handle.id;
    info!(target: "stormglass::websocket", connection = id, user = %actor.user, correlation_id = correlation, "connected");
    let session = Session {
        app,
        handle,
        greeted: false.into(),
        token_expires_at: AtomicI64::new(token_expires_at.0),
        last_heard: Mutex::new(Instant::now()),
        token_changed: tokio::sync::Notify::new(),
    };
    let end = session.serve(socket, registered).await;
    let (code, how) = match end {
        End::Closing(closing) => (closing.code.number(), "closed by the server"),
        End::Peer(how) => (0, how),
    };
    info!(target: "stormglass::websocket", connection = id, user = %actor.user, code, how, "disconnected");
}

impl Session {
    async fn serve(&self, socket: WebSocket, registered: Detached) -> End {
        let (mut sink, mut stream) = socket.split();
        let end = {
            let reading = pin!(self.read(&mut stream));
            let writing = pin!(self.write(&mut sink));
            match select(writing, reading).await {
                Either::Left((end, _)) | Either::Right((end, _)) => end,
            }
        };
        // From here on nothing reaches this connection any more, however long its goodbye takes.
        drop(registered);
        self.say_goodbye(end, sink, stream).await;
        end
    }

    /// Handles commands one after another: those of one client take effect in the order in which it sent them.
    async fn read(&self, stream: &mut SplitStream<WebSocket>) -> End {
        while let Some(received) = stream.next().await {
            *self.last_heard.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
            match received {
                Ok(Message::Text(text)) => commands::handle(self, text.as_str()).await,
                Ok(Message::Binary(_)) => {
                    let detail = "binary frames mean nothing here: send JSON in text frames";
                    self.refuse(None, &Refusal::new(ErrorCode::InvalidRequest, detail));
                }
                Ok(Message::Ping(_) | Message::Pong(_)) => {}
                Ok(Message::Close(_)) => return End::Peer("closed by the client"),
                Err(error) => return broken(&error),
            }
        }
        End::Peer("the stream ended")
    }

    /// Sends what the queue holds, pings, and watches the clock.
    async fn write(&self, sink: &mut SplitSink<WebSocket, Message>) -> End {
        let limits = &self.app.config.websocket;
        let heartbeat = Duration::from_millis(limits.heartbeat_ms);
        let silence = Duration::from_millis(limits.silence_ms);
        let hello_by = Instant::now() + Duration::from_millis(limits.hello_timeout_ms);
        let mut next_ping = Instant::now() + heartbeat;
        let mut warned_of = None;
        loop {
            if self.token_is_over() {
                return End::Closing(Closing::at_once(CloseCode::TokenExpired));
            }
            let last_heard = *self.last_heard.lock().unwrap_or_else(PoisonError::into_inner);
            let mut wake = next_ping.min(last_heard + silence).min(self.token_timer(warned_of));
            let greeted = self.greeted.load(Ordering::Relaxed);
            if !greeted {
                wake = wake.min(hello_by);
            }
            let woken = tokio::select! {
                biased;
                () = sleep_until(wake) => None,
                () = self.token_changed.notified() => None,
                next = self.handle.queue.next() => Some(next),
            };
            match woken {
                Some(Next::Close(closing)) => return End::Closing(closing),
                // The clock may have moved while this waited: nothing leaves on a token that is over.
                Some(Next::Frame(_)) if self.token_is_over() => {}
                Some(Next::Frame(frame)) => {
                    if let Err(end) = self.send(sink, frame.text).await {
                        return end;
                    }
                }
                None => {
                    let now = Instant::now();
                    if !greeted && now >= hello_by {
                        return End::Closing(Closing::at_once(CloseCode::PolicyViolation));
                    }
                    if now >= last_heard + silence {
                        return End::Closing(Closing::at_once(CloseCode::HeartbeatLost));
                    }
                    if now >= next_ping {
                        next_ping = now + heartbeat;
                        self.handle.queue.push_reply(ServerFrame::Ping.to_text().into());
                    }
                    let expires_at = self.token_expires_at();
                    if warned_of != Some(expires_at) && self.ms_until_warning() == 0 {
                        warned_of = Some(expires_at);
                        let frame = ServerFrame::TokenExpiring(TokenExpiring { expires_at });
                        self.handle.queue.push_reply(frame.to_text().into());
                    }
                }
            }
        }
    }

    async fn send(&self, sink: &mut SplitSink<WebSocket, Message>, text: Utf8Bytes) -> Result<(), End> {
        let limit = Duration::from_millis(self.app.config.websocket.write_timeout_ms);
        match timeout(limit, sink.send(Message::Text(text))).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(broken(&error)),
            Err(_) => Err(End::Closing(Closing::at_once(CloseCode::SlowConsumer))),
        }
    }

    /// The closing handshake of RFC 6455, within a limit: a peer that is gone must hold nothing here.
    async fn say_goodbye(&self, end: End, mut sink: SplitSink<WebSocket, Message>, mut stream: SplitStream<WebSocket>) {
        let goodbye = async {
            if let End::Closing(closing) = end {
                let frame = CloseFrame { code: closing.code.number(), reason: Utf8Bytes::from_static("") };
                if sink.send(Message::Close(Some(frame))).await.is_err() {
                    return;
                }
                while let Some(Ok(_)) = stream.next().await {}
            }
            // An error here means that the peer is gone already, which is what a goodbye is for.
            let _ = sink.close().await;
        };
        let _ = timeout(CLOSE_TIMEOUT, goodbye).await;
    }

    /// Queues an `error` frame.
    pub(super) fn refuse(&self, id: Option<String>, refusal: &Refusal) {
        self.refuse_as(id, refusal, self.app.platform.new_uuid().to_string());
    }

    /// Queues an `error` frame under a correlation id.
    pub(super) fn refuse_as(&self, id: Option<String>, refusal: &Refusal, correlation_id: String) {
        let reply = ErrorReply {
            code: refusal.code,
            message: refusal.detail.clone(),
            temporary: refusal.code.temporary(),
            retry_after_ms: refusal.code.temporary().then_some(1_000),
            correlation_id,
        };
        self.handle.queue.push_reply(ServerFrame::Error(id, reply).to_text().into());
    }

    /// When the connection's token ends.
    pub(super) fn token_expires_at(&self) -> Timestamp {
        Timestamp(self.token_expires_at.load(Ordering::Relaxed))
    }

    /// Puts another token under the connection.
    pub(super) fn set_token_expires_at(&self, expires_at: Timestamp) {
        self.token_expires_at.store(expires_at.0, Ordering::Relaxed);
        self.token_changed.notify_one();
    }

    fn token_is_over(&self) -> bool {
        is_expired(self.token_expires_at(), self.app.platform.now())
    }

    /// When to look at the token again: for the warning, then for its end.
    fn token_timer(&self, warned_of: Option<Timestamp>) -> Instant {
        let expires_at = self.token_expires_at();
        let until_end_ms = expires_at.ms_since(self.app.platform.now());
        let wait_ms = if warned_of == Some(expires_at) { until_end_ms } else { self.ms_until_warning() };
        Instant::now() + Duration::from_millis(wait_ms)
    }

    /// The warning comes 60 s before the end, or halfway for tokens that are shorter (PROTOCOL.md, promise 7).
    fn ms_until_warning(&self) -> u64 {
        let auth = &self.app.config.auth;
        let warning_ms = auth.expiry_warning_ms.min(auth.access_token_ms / 2);
        self.token_expires_at().ms_since(self.app.platform.now()).saturating_sub(warning_ms)
    }
}

fn broken(error: &axum::Error) -> End {
    use tokio_tungstenite::tungstenite::Error;
    let source = std::error::Error::source(error).and_then(|source| source.downcast_ref::<Error>());
    match source {
        Some(Error::Capacity(_)) => End::Closing(Closing::at_once(CloseCode::TooLarge)),
        Some(Error::Protocol(_)) => End::Closing(Closing::at_once(CloseCode::ProtocolError)),
        Some(Error::Utf8(_)) => End::Closing(Closing::at_once(CloseCode::InvalidData)),
        _ => End::Peer("the stream broke"),
    }
}
