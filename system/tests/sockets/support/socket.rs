//! A WebSocket client that says whatever it is told to, frames that break the RFC included.

use std::net::SocketAddr;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use http::HeaderValue;
use http::header::{AUTHORIZATION, HeaderName, SEC_WEBSOCKET_PROTOCOL};
use serde_json::{Value, json};
use system::protocol::{
    ErrorCode, ErrorReply, SUBPROTOCOL, ServerFrame, StreamId, StreamState, Subscribed, Unsubscribed, Welcome,
};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

use super::RawAnswer;

/// How long a test waits for what must come.
const PATIENCE: Duration = Duration::from_secs(10);

/// An upgraded connection.
pub struct Socket {
    stream: WebSocketStream<TcpStream>,
    last_id: u64,
}

/// Upgrades with these headers beside those of the RFC; the answer if it is refused.
pub async fn handshake(address: SocketAddr, headers: &[(HeaderName, &str)]) -> Result<Socket, RawAnswer> {
    handshake_at(address, "/ws", headers).await
}

/// The same at another path.
pub async fn handshake_at(
    address: SocketAddr,
    path: &str,
    headers: &[(HeaderName, &str)],
) -> Result<Socket, RawAnswer> {
    let mut request = format!("ws://{address}{path}").into_client_request().unwrap();
    for (name, value) in headers {
        request.headers_mut().append(name, HeaderValue::from_str(value).unwrap());
    }
    let stream = TcpStream::connect(address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    match client_async(request, stream).await {
        Ok((stream, response)) => {
            assert_eq!(response.headers()[SEC_WEBSOCKET_PROTOCOL], SUBPROTOCOL, "the server selects one protocol");
            Ok(Socket { stream, last_id: 0 })
        }
        Err(Error::Http(response)) => {
            let headers = response.headers().iter();
            let headers = headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()));
            let body = String::from_utf8(response.body().clone().unwrap_or_default()).unwrap();
            Err(RawAnswer { status: response.status().as_u16(), headers: headers.collect(), body })
        }
        Err(other) => panic!("neither upgraded nor refused: {other}"),
    }
}

impl Socket {
    /// Upgrades with a token.
    pub async fn open(address: SocketAddr, token: &str) -> Self {
        let authorization = format!("Bearer {token}");
        let headers = [(AUTHORIZATION, authorization.as_str()), (SEC_WEBSOCKET_PROTOCOL, SUBPROTOCOL)];
        handshake(address, &headers).await.unwrap_or_else(|answer| panic!("the handshake was refused: {answer:?}"))
    }

    /// Upgrades with a token and follows everything.
    pub async fn follow_all(address: SocketAddr, token: &str) -> (Self, Welcome) {
        let mut socket = Self::open(address, token).await;
        let welcome = socket.hello(json!({"follow": "all"})).await;
        (socket, welcome)
    }

    /// Says hello; the welcome.
    pub async fn hello(&mut self, data: Value) -> Welcome {
        match self.ask("hello", data).await {
            ServerFrame::Welcome(_, welcome) => welcome,
            other => panic!("no welcome: {other:?}"),
        }
    }

    /// Sends a command; the reply to it.
    pub async fn ask(&mut self, kind: &str, data: Value) -> ServerFrame {
        self.last_id += 1;
        let id = self.last_id.to_string();
        self.say(json!({"type": kind, "id": id, "data": data})).await;
        loop {
            let frame = self.hear().await;
            if frame.reply_to() == Some(&id) {
                return frame;
            }
        }
    }

    /// Subscribes; from where.
    pub async fn subscribe(&mut self, data: Value) -> Subscribed {
        match self.ask("subscribe", data).await {
            ServerFrame::Subscribed(_, subscribed) => subscribed,
            other => panic!("not subscribed: {other:?}"),
        }
    }

    /// Sends a command that must be refused with this code; the refusal.
    pub async fn refused(&mut self, kind: &str, data: Value, code: ErrorCode) -> ErrorReply {
        match self.ask(kind, data).await {
            ServerFrame::Error(_, error) if error.code == code => error,
            other => panic!("not refused as {code:?}: {other:?}"),
        }
    }

    pub async fn say(&mut self, frame: Value) {
        self.say_text(frame.to_string()).await;
    }

    pub async fn say_text(&mut self, text: impl Into<String>) {
        self.send(Message::text(text.into())).await;
    }

    pub async fn send(&mut self, message: Message) {
        self.stream.send(message).await.expect("the server listens");
    }

    /// The same, if the server still listens.
    pub async fn try_say(&mut self, frame: Value) -> Result<(), Error> {
        self.stream.send(Message::text(frame.to_string())).await
    }

    /// The next frame, whichever it is.
    pub async fn hear_anything(&mut self) -> ServerFrame {
        loop {
            match self.next_message().await {
                Some(Message::Text(text)) => return ServerFrame::parse(&text).unwrap(),
                Some(Message::Ping(_) | Message::Pong(_)) => {}
                other => panic!("no frame: {other:?}"),
            }
        }
    }

    /// The next frame that is neither a ping nor about presence.
    pub async fn hear(&mut self) -> ServerFrame {
        loop {
            match self.next_message().await {
                Some(Message::Text(text)) => match ServerFrame::parse(&text).unwrap() {
                    ServerFrame::Ping | ServerFrame::Presence(_) | ServerFrame::PresenceState(_) => {}
                    frame => return frame,
                },
                Some(Message::Ping(_) | Message::Pong(_)) => {}
                other => panic!("no frame: {other:?}"),
            }
        }
    }

    /// The next frame, which must be a refusal without an `id`.
    pub async fn hear_error(&mut self) -> ErrorReply {
        match self.hear().await {
            ServerFrame::Error(None, error) => error,
            other => panic!("no error: {other:?}"),
        }
    }

    /// The next frame, which must take a stream away.
    pub async fn hear_unsubscribed(&mut self) -> Unsubscribed {
        match self.hear().await {
            ServerFrame::Unsubscribed(None, unsubscribed) => unsubscribed,
            other => panic!("nothing was taken away: {other:?}"),
        }
    }

    /// The next frame, which must be an event; its stream and position.
    pub async fn hear_event(&mut self) -> (StreamId, u64) {
        match self.hear().await {
            ServerFrame::Event(event) => (event.stream, event.seq),
            other => panic!("no event: {other:?}"),
        }
    }

    /// That the connection is open and the server answers on it.
    pub async fn assert_open(&mut self) {
        self.refused("hello", json!({}), ErrorCode::UnexpectedCommand).await;
    }

    /// Reads to the end: everything that was said, and the close code.
    pub async fn until_closed(&mut self) -> (Vec<ServerFrame>, Option<u16>) {
        let mut frames = Vec::new();
        loop {
            match self.next_message().await {
                Some(Message::Text(text)) => frames.push(ServerFrame::parse(&text).unwrap()),
                Some(Message::Close(close)) => return (frames, close.map(|close| close.code.into())),
                Some(_) => {}
                None => return (frames, None),
            }
        }
    }

    /// The close code with which the server ends the connection.
    pub async fn close_code(&mut self) -> u16 {
        self.until_closed().await.1.expect("the server says why it closes")
    }

    /// The bytes below the WebSocket.
    pub fn tcp(&mut self) -> &mut TcpStream {
        self.stream.get_mut()
    }

    async fn next_message(&mut self) -> Option<Message> {
        let next = timeout(PATIENCE, self.stream.next()).await.expect("the server says something");
        next.and_then(Result::ok)
    }
}

/// The state of one stream in a welcome.
pub trait StateOf {
    fn state_of(&self, stream: StreamId) -> StreamState;
}

impl StateOf for Welcome {
    #[track_caller]
    fn state_of(&self, stream: StreamId) -> StreamState {
        *self.streams.iter().find(|state| state.stream == stream).expect("the stream is followed")
    }
}
