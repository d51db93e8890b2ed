//! A connection's life: one task that reads commands and writes what its queue holds, until either side ends it.

use std::pin::pin;
use std::time::Duration;

use futures_util::future::{Either, select};
use tokio::time::{Instant, sleep_until, timeout};
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{Error, Message, Utf8Bytes};
use tracing::info;

use super::chain;
use super::pace::Pace;
use super::session::Session;
use super::socket::Socket;
use crate::app::App;
use crate::domain::rights::acting;
use crate::domain::status;
use crate::hub::{Closing, Detached, Frame, Newcomer, Next};
use crate::metrics::{Ending, OpenConnection, Received};
use crate::protocol::{ChunkFrame, CloseCode, ServerFrame, Timestamp, TokenExpiring};
use crate::refusal::Refusal;
use crate::store::CommitNumber;

/// How long the closing handshake may take.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);

/// What the handshake has found out.
#[derive(Debug)]
pub(super) struct Established {
    pub(super) as_of: CommitNumber,
    pub(super) newcomer: Newcomer,
    pub(super) token_expires_at: Timestamp,
    pub(super) correlation: String,
}

/// Why a connection ended.
#[derive(Clone, Copy)]
enum End {
    /// The server closes it.
    Closing(Closing),
    /// The client closed it, with this code if it said one.
    Client(Option<u16>),
    /// The network did.
    Broken(&'static str),
}

impl End {
    fn ending(self) -> Ending {
        match self {
            Self::Closing(closing) => Ending::Server(closing.code),
            Self::Client(code) => Ending::Client(code),
            Self::Broken(_) => Ending::Network,
        }
    }
}

/// Runs a connection from its upgrade to its end.
pub(super) async fn run(app: App, established: Established, socket: Box<Socket>) {
    let Established { mut as_of, mut newcomer, token_expires_at, correlation } = established;
    let actor = newcomer.actor;
    let (handle, registered) = loop {
        if let Some(connected) = app.hub.connect(as_of, newcomer.clone()) {
            break connected;
        }
        // The hub has forgotten what was published since the handshake: ask the store anew.
        let checked = app.store.read(move |view| {
            acting(view, actor)?;
            Ok::<_, Refusal>((view.last_commit()?, status::chosen(view, actor.user)?))
        });
        match Box::pin(checked).await {
            Ok(newer) => (as_of, newcomer.chosen) = newer,
            Err(_) => return,
        }
    };
    let open = OpenConnection::new(app.metrics.clone());
    let id = handle.id;
    let limits = app.limits.settings();
    if limits.connections_per_user > 0 {
        let most = limits.connections_per_user as usize;
        app.hub.limit_user(actor.user, id, most, limits.newest_connection_wins);
    }
    info!(target: "stormglass::websocket", connection = id, user = %actor.user, correlation_id = correlation, "connected");
    let session = Session::new(app, handle, token_expires_at);
    let end = serve(&session, socket, registered).await;
    let (code, how) = match end {
        End::Closing(closing) => (closing.code.number(), "closed by the server"),
        End::Client(code) => (code.unwrap_or(0), "closed by the client"),
        End::Broken(how) => (0, how),
    };
    open.ends(end.ending());
    info!(target: "stormglass::websocket", connection = id, user = %actor.user, code, how, correlation_id = correlation, "disconnected");
}

async fn serve(session: &Session, socket: Box<Socket>, registered: Detached) -> End {
    let end = {
        let reading = pin!(read(session, &socket));
        let writing = pin!(write(session, &socket));
        match select(writing, reading).await {
            Either::Left((end, _)) | Either::Right((end, _)) => end,
        }
    };
    // From here on nothing reaches this connection any more, however long its goodbye takes.
    drop(registered);
    Box::pin(say_goodbye(end, socket)).await;
    end
}

/// Handles commands one after another: those of one client take effect in the order in which it sent them.
async fn read(session: &Session, socket: &Socket) -> End {
    let mut pace = Pace::new(session);
    while let Some(received) = socket.next().await {
        session.hear();
        if let Ok(message) = &received {
            count(session, message);
        }
        if matches!(received, Ok(Message::Text(_) | Message::Binary(_)))
            && let Err(closing) = pace.keep(session).await
        {
            return End::Closing(closing);
        }
        let readable = !matches!(&received, Ok(Message::Binary(frame)) if ChunkFrame::parse(frame).is_err());
        if let Err(closing) = pace.readable(readable) {
            return End::Closing(closing);
        }
        match received {
            Ok(message @ (Message::Text(_) | Message::Binary(_))) => {
                if let Err(closing) = chain::handle(session, message).await {
                    return End::Closing(closing);
                }
            }
            Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_)) => {}
            Ok(Message::Close(frame)) => return End::Client(frame.map(|frame| frame.code.into())),
            Err(error) => return broken(&error),
        }
    }
    End::Broken("the stream ended")
}

/// Counts a frame that came.
fn count(session: &Session, received: &Message) {
    let (kind, bytes) = match received {
        Message::Text(text) => (Received::Text, text.len()),
        Message::Binary(bytes) => (Received::Binary, bytes.len()),
        Message::Ping(bytes) | Message::Pong(bytes) => (Received::Control, bytes.len()),
        Message::Close(_) | Message::Frame(_) => (Received::Control, 0),
    };
    session.app.metrics.websocket.received(kind, bytes);
}

/// Sends what the queue holds, pings, and watches the clock.
async fn write(session: &Session, socket: &Socket) -> End {
    let limits = &session.app.config.websocket;
    let heartbeat = Duration::from_millis(limits.heartbeat_ms);
    let silence = Duration::from_millis(limits.silence_ms);
    let hello_by = Instant::now() + Duration::from_millis(limits.hello_timeout_ms);
    let mut next_ping = Instant::now() + heartbeat;
    let mut warned_of = None;
    loop {
        if session.token_is_over() {
            return End::Closing(Closing::at_once(CloseCode::TokenExpired));
        }
        let mut wake = next_ping.min(session.last_heard() + silence).min(session.token_timer(warned_of));
        let greeted = session.is_greeted();
        if !greeted {
            wake = wake.min(hello_by);
        }
        // What waits is taken without setting a timer first: that would cost about as much as to send it.
        let waits = if Instant::now() < wake { session.handle.queue.take() } else { None };
        let woken = match waits {
            Some(next) => Some(next),
            None => tokio::select! {
                biased;
                () = sleep_until(wake) => None,
                () = session.token_changed() => None,
                next = session.handle.queue.next() => Some(next),
            },
        };
        match woken {
            Some(Next::Close(closing)) => return End::Closing(closing),
            // The clock may have moved while this waited: nothing leaves on a token that is over.
            Some(Next::Frame(_)) if session.token_is_over() => {}
            Some(Next::Frame(frame)) => {
                if let Err(end) = send(session, socket, frame).await {
                    return end;
                }
            }
            None => {
                let now = Instant::now();
                if !greeted && now >= hello_by {
                    return End::Closing(Closing::at_once(CloseCode::PolicyViolation));
                }
                // Asked again: the client may have spoken while this waited.
                if now >= session.last_heard() + silence {
                    return End::Closing(Closing::at_once(CloseCode::HeartbeatLost));
                }
                if now >= next_ping {
                    next_ping = now + heartbeat;
                    session.handle.queue.push_reply(ServerFrame::Ping.to_text().into());
                }
                let expires_at = session.token_expires_at();
                if warned_of != Some(expires_at) && session.ms_until_warning() == 0 {
                    warned_of = Some(expires_at);
                    let frame = ServerFrame::TokenExpiring(TokenExpiring { expires_at });
                    session.handle.queue.push_reply(frame.to_text().into());
                }
            }
        }
    }
}

async fn send(session: &Session, socket: &Socket, frame: Frame) -> Result<(), End> {
    let limit = Duration::from_millis(session.app.config.websocket.write_timeout_ms);
    let Frame { text, kind, queued_at, .. } = frame;
    let bytes = text.len();
    match timeout(limit, socket.send(text)).await {
        Ok(Ok(())) => {
            session.app.metrics.websocket.sent(kind, bytes, queued_at);
            Ok(())
        }
        Ok(Err(error)) => Err(broken(&error)),
        Err(_) => Err(End::Closing(Closing::at_once(CloseCode::SlowConsumer))),
    }
}

/// The closing handshake of RFC 6455, within a limit: a peer that is gone must hold nothing here.
async fn say_goodbye(end: End, socket: Box<Socket>) {
    let frame = match end {
        End::Closing(closing) => Some(CloseFrame { code: closing.code.number().into(), reason: Utf8Bytes::default() }),
        End::Client(_) | End::Broken(_) => None,
    };
    // Who takes longer is gone.
    let _ = timeout(CLOSE_TIMEOUT, socket.close(frame)).await;
}

fn broken(error: &Error) -> End {
    match error {
        Error::Capacity(_) => End::Closing(Closing::at_once(CloseCode::TooLarge)),
        Error::Protocol(_) => End::Closing(Closing::at_once(CloseCode::ProtocolError)),
        Error::Utf8(_) => End::Closing(Closing::at_once(CloseCode::InvalidData)),
        _ => End::Broken("the stream broke"),
    }
}
