//! A WebSocket that says whatever it is told to, frames that break the protocol and the RFC included.
//!
//! A task of its own reads, answers pings and keeps what it hears, so that a body can let time pass; it can be told not to.

use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use serde::Serialize;
use serde_json::json;
use system::client::Observer;
use system::protocol::{
    Ack, ChunkFrame, ClientFrame, CloseCode, Command, ErrorReply, Event, ServerFrame, StreamId, Welcome,
};
use tokio::io::AsyncWriteExt;
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;

use super::inbox::{End, Inbox};
use super::line::Stream;
use crate::scenarios::scene::Stop;

/// How long somebody waits for what must come.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long the answer to a goodbye may take to leave.
const FAREWELL: Duration = Duration::from_secs(1);

/// An upgraded connection. It ends without a goodbye when it is dropped.
pub struct Socket {
    device: String,
    inbox: Arc<Inbox>,
    orders: mpsc::UnboundedSender<Order>,
    ids: AtomicU64,
}

enum Order {
    Say(Message),
    Write(Bytes),
    Read(bool),
    AnswerPings(bool),
}

impl Socket {
    pub(super) fn attend(device: &str, stream: WebSocketStream<Stream>, observer: Arc<dyn Observer>) -> Self {
        let (orders, ordered) = mpsc::unbounded_channel();
        let inbox = Arc::<Inbox>::default();
        let attendant = Attendant {
            stream,
            observer,
            inbox: inbox.clone(),
            orders: orders.downgrade(),
            reads: true,
            answers_pings: true,
            unflushed: false,
        };
        tokio::spawn(attendant.run(ordered));
        Self { device: device.to_owned(), inbox, orders, ids: AtomicU64::new(0) }
    }

    /// The name of the device, as faults and traces have it.
    pub fn device(&self) -> &str {
        &self.device
    }

    /// Sends a command and does not wait. `data` is whatever is written as JSON.
    pub fn says(&self, kind: &str, data: impl Serialize) {
        self.says_text(json!({"type": kind, "data": data}).to_string());
    }

    /// Sends a text frame as it is.
    pub fn says_text(&self, text: impl Into<String>) {
        self.order(Order::Say(Message::text(text.into())));
    }

    /// Sends a binary frame as it is.
    pub fn says_bytes(&self, bytes: impl Into<Bytes>) {
        self.order(Order::Say(Message::binary(bytes.into())));
    }

    /// Writes bytes below the WebSocket, which need be no frame of RFC 6455 at all.
    pub fn writes(&self, bytes: impl Into<Bytes>) {
        self.order(Order::Write(bytes.into()));
    }

    /// From now on nothing that comes is read.
    pub fn stops_reading(&self) {
        self.order(Order::Read(false));
    }

    /// From now on what comes is read again.
    pub fn reads_again(&self) {
        self.order(Order::Read(true));
    }

    /// From now on pings are not answered.
    pub fn ignores_pings(&self) {
        self.order(Order::AnswerPings(false));
    }

    /// Sends a command, and waits for the reply to it.
    ///
    /// # Errors
    /// None came.
    #[track_caller]
    pub fn asks(&self, kind: &str, data: impl Serialize) -> impl Future<Output = Result<ServerFrame, Stop>> {
        let place = std::panic::Location::caller();
        let id = format!("{}", self.ids.fetch_add(1, Ordering::Relaxed) + 1);
        self.says_text(json!({"type": kind, "id": id, "data": data}).to_string());
        let kind = kind.to_owned();
        async move {
            let replied = self.take(PATIENCE, |frame| frame.reply_to() == Some(&id)).await;
            replied.map_err(|why| Stop::at(place, format!("{} said `{kind}` and heard no reply: {why}", self.device)))
        }
    }

    /// Sends a command that must be acknowledged.
    ///
    /// # Errors
    /// It was not.
    #[track_caller]
    pub fn asks_ack(&self, kind: &str, data: impl Serialize) -> impl Future<Output = Result<Ack, Stop>> {
        let place = std::panic::Location::caller();
        let asked = self.asks(kind, data);
        async move {
            match asked.await? {
                ServerFrame::Ack(_, ack) => Ok(ack),
                other => Err(Stop::at(place, format!("no acknowledgement came but {other:?}"))),
            }
        }
    }

    /// Sends a command that must be refused.
    ///
    /// # Errors
    /// It was not.
    #[track_caller]
    pub fn asks_in_vain(&self, kind: &str, data: impl Serialize) -> impl Future<Output = Result<ErrorReply, Stop>> {
        let place = std::panic::Location::caller();
        let asked = self.asks(kind, data);
        async move {
            match asked.await? {
                ServerFrame::Error(_, error) => Ok(error),
                other => Err(Stop::at(place, format!("no refusal came but {other:?}"))),
            }
        }
    }

    /// Says hello and is welcomed.
    ///
    /// # Errors
    /// It is not.
    #[track_caller]
    pub fn says_hello(&self, hello: impl Serialize) -> impl Future<Output = Result<Welcome, Stop>> {
        let place = std::panic::Location::caller();
        let asked = self.asks("hello", hello);
        async move {
            match asked.await? {
                ServerFrame::Welcome(_, welcome) => Ok(welcome),
                other => Err(Stop::at(place, format!("no welcome came but {other:?}"))),
            }
        }
    }

    /// Waits for the next frame of this type that nobody waited for yet. Frames of other types stay.
    ///
    /// # Errors
    /// None comes.
    #[track_caller]
    pub fn hears(&self, kind: &'static str) -> impl Future<Output = Result<ServerFrame, Stop>> {
        let place = std::panic::Location::caller();
        async move {
            let heard = self.take(PATIENCE, |frame| frame.kind() == kind).await;
            heard.map_err(|why| Stop::at(place, format!("{} was to hear `{kind}`: {why}", self.device)))
        }
    }

    /// Waits for the next event of this type that nobody waited for yet.
    ///
    /// # Errors
    /// None comes.
    #[track_caller]
    pub fn hears_event(&self, kind: &'static str) -> impl Future<Output = Result<Event, Stop>> {
        let place = std::panic::Location::caller();
        let heard = self.hears(kind);
        async move {
            match heard.await? {
                ServerFrame::Event(event) => Ok(event),
                other => Err(Stop::at(place, format!("`{kind}` is no event: {other:?}"))),
            }
        }
    }

    /// The next frame of this type that comes within that time, or that nobody waited for yet.
    pub async fn hears_within(&self, kind: &str, time: Duration) -> Option<ServerFrame> {
        self.take(time, |frame| frame.kind() == kind).await.ok()
    }

    /// Waits until the server closes; its close code.
    ///
    /// # Errors
    /// It does not close, or without a code.
    #[track_caller]
    pub fn is_closed(&self) -> impl Future<Output = Result<u16, Stop>> {
        self.is_closed_within(PATIENCE)
    }

    /// The same with more patience, or less.
    ///
    /// # Errors
    /// It does not close in time, or without a code.
    #[track_caller]
    pub fn is_closed_within(&self, time: Duration) -> impl Future<Output = Result<u16, Stop>> {
        let place = std::panic::Location::caller();
        async move {
            match timeout(time, self.inbox.until_ended()).await {
                Ok(End { code: Some(code), .. }) => Ok(code),
                Ok(End { reason, .. }) => {
                    Err(Stop::at(place, format!("{} was closed without a code: {reason}", self.device)))
                }
                Err(_) => {
                    Err(Stop::at(place, format!("{} was not closed within {} s", self.device, time.as_secs_f64())))
                }
            }
        }
    }

    /// Says goodbye, and waits for the answer to it; its code.
    ///
    /// # Errors
    /// No answer comes.
    #[track_caller]
    pub fn says_goodbye(&self) -> impl Future<Output = Result<u16, Stop>> {
        let code = CloseCode::Normal.number().into();
        self.order(Order::Say(Message::Close(Some(CloseFrame { code, reason: "goodbye".into() }))));
        self.is_closed()
    }

    /// Whether it is still open, as far as is known.
    pub fn is_open(&self) -> bool {
        self.inbox.ended().is_none()
    }

    /// Every frame that was heard, in the order in which they came.
    pub fn frames(&self) -> Vec<Arc<ServerFrame>> {
        self.inbox.all()
    }

    /// The texts of these frames, to the byte.
    pub fn texts(&self) -> Vec<Arc<str>> {
        self.inbox.texts()
    }

    /// Every event that was heard of a stream, in the order in which they came.
    pub fn events_of(&self, stream: StreamId) -> Vec<Event> {
        let frames = self.frames();
        let events = frames.iter().filter_map(|frame| match &**frame {
            ServerFrame::Event(event) if event.stream == stream => Some(event.clone()),
            _ => None,
        });
        events.collect()
    }

    async fn take(&self, time: Duration, fits: impl Fn(&ServerFrame) -> bool) -> Result<ServerFrame, String> {
        match timeout(time, self.inbox.take(fits)).await {
            Ok(Ok(frame)) => Ok(frame),
            Ok(Err(End { code: Some(code), reason })) => {
                Err(format!("the connection was closed with {code}: {reason}"))
            }
            Ok(Err(End { code: None, reason })) => Err(format!("the connection ended: {reason}")),
            Err(_) => {
                let kinds: Vec<_> = self.frames().iter().rev().take(5).map(|frame| frame.kind()).collect();
                let last = if kinds.is_empty() { "nothing".to_owned() } else { kinds.join(", before it ") };
                Err(format!("nothing such came within {} s; the last was {last}", time.as_secs_f64()))
            }
        }
    }

    fn order(&self, order: Order) {
        // A socket that has ended says nothing any more, and whoever waits for an answer hears so.
        let _ = self.orders.send(order);
    }
}

/// The task that a socket lives in.
struct Attendant {
    stream: WebSocketStream<Stream>,
    observer: Arc<dyn Observer>,
    inbox: Arc<Inbox>,
    /// For the answers to pings.
    orders: mpsc::WeakUnboundedSender<Order>,
    reads: bool,
    answers_pings: bool,
    unflushed: bool,
}

/// A WebSocket counts its device's connections from 1, and each device here has one.
const CONNECTION: u32 = 1;

impl Attendant {
    async fn run(mut self, mut ordered: mpsc::UnboundedReceiver<Order>) {
        let end = loop {
            tokio::select! {
                biased;
                order = ordered.recv() => match order {
                    Some(order) => {
                        if let Err(reason) = self.obey(order).await {
                            break End { code: None, reason };
                        }
                    }
                    None => break End { code: None, reason: "dropped".to_owned() },
                },
                heard = self.next() => match heard {
                    Ok(message) => self.hear(message),
                    Err(end) => {
                        // The answer to a goodbye; where it does not get through, the server's deadline ends the connection.
                        let _ = timeout(FAREWELL, self.stream.flush()).await;
                        break end;
                    }
                },
            }
        };
        self.observer.connection_closed(CONNECTION, end.code, &end.reason);
        self.inbox.end(end);
    }

    async fn obey(&mut self, order: Order) -> Result<(), String> {
        match order {
            Order::Say(message) => {
                let told = message.clone();
                self.stream.start_send_unpin(message).map_err(|error| format!("writing: {error}"))?;
                self.unflushed = true;
                self.tell(&told);
            }
            Order::Write(bytes) => {
                self.stream.flush().await.map_err(|error| format!("writing: {error}"))?;
                let written = self.stream.get_mut().write_all(&bytes).await;
                written.map_err(|error| format!("writing: {error}"))?;
            }
            Order::Read(reads) => self.reads = reads,
            Order::AnswerPings(answers) => self.answers_pings = answers,
        }
        Ok(())
    }

    /// What comes next. Meanwhile what was said is carried out. Loses nothing when it is dropped.
    async fn next(&mut self) -> Result<Message, End> {
        let (stream, unflushed, reads) = (&mut self.stream, &mut self.unflushed, self.reads);
        let next = poll_fn(|context| {
            if *unflushed && let Poll::Ready(flushed) = stream.poll_flush_unpin(context) {
                *unflushed = false;
                if let Err(error) = flushed {
                    return Poll::Ready(Some(Err(error)));
                }
            }
            if reads { stream.poll_next_unpin(context) } else { Poll::Pending }
        });
        match next.await {
            Some(Ok(Message::Close(frame))) => {
                let (code, reason) = match frame {
                    Some(frame) => (Some(u16::from(frame.code)), frame.reason.to_string()),
                    None => (None, "closed by the server without a code".to_owned()),
                };
                Err(End { code, reason })
            }
            Some(Ok(message)) => Ok(message),
            Some(Err(error)) => Err(End { code: None, reason: format!("reading: {error}") }),
            None => Err(End { code: None, reason: "the stream ended".to_owned() }),
        }
    }

    fn hear(&self, message: Message) {
        let Message::Text(text) = message else { return };
        let text: Arc<str> = text.as_str().into();
        let frame = match ServerFrame::parse(&text) {
            Ok(frame) => Arc::new(frame),
            Err(error) => return self.observer.frame_unreadable(CONNECTION, &text, &error.to_string()),
        };
        if let ServerFrame::Welcome(_, welcome) = &*frame {
            self.observer.connection_opened(CONNECTION, welcome.user, welcome.token_expires_at);
        }
        self.observer.frame_received(CONNECTION, &text, &frame);
        if matches!(*frame, ServerFrame::Ping)
            && self.answers_pings
            && let Some(orders) = self.orders.upgrade()
        {
            let pong = ClientFrame { id: None, command: Command::Pong };
            let _ = orders.send(Order::Say(Message::text(pong.to_text())));
        }
        self.inbox.put(frame, text);
    }

    /// What is a frame of the protocol is told as one; what is none was meant not to be.
    fn tell(&self, message: &Message) {
        match message {
            Message::Text(text) => {
                if let Ok(frame) = ClientFrame::parse(text) {
                    self.observer.frame_sent(CONNECTION, &Arc::new(frame));
                }
            }
            Message::Binary(bytes) => {
                if let Ok(chunk) = ChunkFrame::parse(bytes) {
                    self.observer.chunk_sent(CONNECTION, &chunk);
                }
            }
            _ => {}
        }
    }
}
