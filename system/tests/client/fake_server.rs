//! A server that does what the test says: REST by a script, WebSockets by hand.

use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Mutex};

use futures_util::{SinkExt, StreamExt};
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use system::client::{Connector, Purpose};
use system::platform::BoxFuture;
use system::protocol::{ClientFrame, CloseCode, Command, Hello, MessageSend, SUBPROTOCOL, ServerFrame, Snapshot};
use tokio::io::{AsyncRead, AsyncWrite, DuplexStream};
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::{WebSocketStream, accept_hdr_async};

use crate::objects;

/// A request as the server saw it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Seen {
    pub method: String,
    pub path: String,
    pub key: Option<String>,
    pub token: Option<String>,
}

/// What the script says to the next request that is not about logins or snapshots.
#[derive(Clone, Debug)]
pub enum Reply {
    /// An answer.
    Status(u16, String),
    /// The connection breaks instead.
    Break,
    /// No answer comes, ever.
    Silence,
}

/// What the server is told to do, and what it saw.
#[derive(Debug, Default)]
pub struct Script {
    pub replies: VecDeque<Reply>,
    pub snapshots: VecDeque<Snapshot>,
    pub refuses_refresh: bool,
    pub refuses_login: bool,
    /// How many coming connections are refused.
    pub refuses_connections: u32,
    pub seen: Vec<Seen>,
    pub attempts: Vec<(Purpose, tokio::time::Instant)>,
    logins: u32,
    tokens: u32,
}

/// The test's end.
pub struct FakeServer {
    pub script: Arc<Mutex<Script>>,
    upgrades: mpsc::UnboundedReceiver<DuplexStream>,
}

/// The client's end.
pub struct FakeConnector {
    script: Arc<Mutex<Script>>,
    upgrades: mpsc::UnboundedSender<DuplexStream>,
}

/// A WebSocket of the client, seen from the server.
pub struct Peer {
    websocket: WebSocketStream<DuplexStream>,
    pub token: String,
}

pub fn fake_server() -> (FakeServer, FakeConnector) {
    let script = Arc::new(Mutex::new(Script::default()));
    let (sender, receiver) = mpsc::unbounded_channel();
    let connector = FakeConnector { script: script.clone(), upgrades: sender };
    (FakeServer { script, upgrades: receiver }, connector)
}

impl Connector for FakeConnector {
    type Stream = DuplexStream;

    fn connect(&self, purpose: Purpose) -> BoxFuture<io::Result<DuplexStream>> {
        let mut script = self.script.lock().unwrap();
        script.attempts.push((purpose, tokio::time::Instant::now()));
        if script.refuses_connections > 0 {
            script.refuses_connections -= 1;
            return Box::pin(async { Err(io::ErrorKind::ConnectionRefused.into()) });
        }
        let (client, server) = tokio::io::duplex(16 << 10);
        match purpose {
            Purpose::WebSocket => drop(self.upgrades.send(server)),
            Purpose::Rest => drop(tokio::spawn(serve(server, self.script.clone()))),
        }
        Box::pin(async { Ok(client) })
    }

    fn authority(&self) -> &str {
        "fake"
    }
}

impl FakeServer {
    /// Upgrades the next WebSocket.
    pub async fn accept(&mut self) -> Peer {
        let stream = self.upgrades.recv().await.expect("the client lives");
        let mut token = String::new();
        #[expect(clippy::result_large_err, reason = "the signature is tungstenite's")]
        let callback = |request: &Request, mut response: Response| -> Result<Response, ErrorResponse> {
            assert_eq!(request.uri().path(), "/ws");
            assert_eq!(request.headers()["sec-websocket-protocol"], SUBPROTOCOL);
            let authorization = request.headers()["authorization"].to_str().unwrap();
            token = authorization.strip_prefix("Bearer ").unwrap().to_owned();
            response.headers_mut().insert("sec-websocket-protocol", HeaderValue::from_static(SUBPROTOCOL));
            Ok(response)
        };
        let websocket = accept_hdr_async(stream, callback).await.expect("the client upgrades");
        Peer { websocket, token }
    }

    /// Answers the next WebSocket's upgrade with `status`.
    pub async fn refuse(&mut self, status: u16) {
        let stream = self.upgrades.recv().await.expect("the client lives");
        #[expect(clippy::result_large_err, reason = "the signature is tungstenite's")]
        let callback = |_: &Request, _: Response| {
            let mut response = ErrorResponse::new(None);
            *response.status_mut() = status.try_into().unwrap();
            Err(response)
        };
        assert!(accept_hdr_async(stream, callback).await.is_err());
    }

    /// Upgrades the next WebSocket and answers its hello.
    pub async fn welcome(&mut self, seq: u64, recovered: bool) -> (Peer, Hello) {
        let mut peer = self.accept().await;
        let hello = peer.hello().await;
        peer.say(objects::welcome(seq, recovered)).await;
        (peer, hello)
    }

    /// Every request so far to a path with `part` in it.
    pub fn seen(&self, part: &str) -> Vec<Seen> {
        self.script.lock().unwrap().seen.iter().filter(|seen| seen.path.contains(part)).cloned().collect()
    }

    /// When the client tried to open WebSockets.
    pub fn attempts(&self) -> Vec<tokio::time::Instant> {
        let script = self.script.lock().unwrap();
        script.attempts.iter().filter(|(purpose, _)| *purpose == Purpose::WebSocket).map(|(_, at)| *at).collect()
    }
}

impl Peer {
    pub async fn say(&mut self, frame: ServerFrame) {
        self.websocket.send(Message::text(frame.to_text())).await.expect("the client listens");
    }

    /// The next frame of the client.
    pub async fn hear(&mut self) -> ClientFrame {
        match self.websocket.next().await {
            Some(Ok(Message::Text(text))) => ClientFrame::parse(&text).expect("the client keeps to the protocol"),
            other => panic!("no frame: {other:?}"),
        }
    }

    pub async fn hello(&mut self) -> Hello {
        match self.hear().await.command {
            Command::Hello(hello) => hello,
            other => panic!("no hello: {other:?}"),
        }
    }

    /// The next frame, which must be a message.
    pub async fn message(&mut self) -> (Option<String>, MessageSend) {
        let frame = self.hear().await;
        match frame.command {
            Command::MessageSend(message) => (frame.id, message),
            other => panic!("no message: {other:?}"),
        }
    }

    pub async fn close(&mut self, code: u16) {
        let frame = CloseFrame { code: code.into(), reason: "because".into() };
        self.websocket.close(Some(frame)).await.expect("the client listens");
    }

    /// Waits until the client has gone; the close code that it gave.
    pub async fn gone(&mut self) -> Option<u16> {
        loop {
            match self.websocket.next().await {
                Some(Ok(Message::Close(frame))) => {
                    self.websocket.flush().await.expect("the client waits for the answer");
                    return frame.map(|frame| u16::from(frame.code));
                }
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return None,
            }
        }
    }
}

/// The normal close code.
pub const NORMAL: u16 = CloseCode::Normal as u16;

pub async fn serve<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(stream: S, script: Arc<Mutex<Script>>) {
    let service = service_fn(move |request| answer(request, script.clone()));
    // The client may go away at any time.
    let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

async fn answer(
    request: hyper::Request<Incoming>,
    script: Arc<Mutex<Script>>,
) -> io::Result<hyper::Response<Full<Bytes>>> {
    let header = |name: &str| request.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
    let seen = Seen {
        method: request.method().to_string(),
        path: request.uri().to_string(),
        key: header("idempotency-key"),
        token: header("authorization").map(|value| value.trim_start_matches("Bearer ").to_owned()),
    };
    request.into_body().collect().await.map_err(io::Error::other)?;
    let reply = script.lock().unwrap().reply(&seen);
    match reply {
        Reply::Status(status, body) => {
            Ok(hyper::Response::builder().status(status).body(Full::new(Bytes::from(body))).unwrap())
        }
        Reply::Break => Err(io::ErrorKind::ConnectionReset.into()),
        Reply::Silence => std::future::pending().await,
    }
}

impl Script {
    fn reply(&mut self, request: &Seen) -> Reply {
        self.seen.push(request.clone());
        let refused = Reply::Status(401, String::new());
        match request.path.as_str() {
            "/api/v1/auth/login" if self.refuses_login => refused,
            "/api/v1/auth/login" => {
                self.logins += 1;
                self.tokens += 1;
                json(&objects::session(self.logins.into(), self.tokens))
            }
            "/api/v1/auth/refresh" if self.refuses_refresh => refused,
            "/api/v1/auth/refresh" => {
                self.tokens += 1;
                json(&objects::tokens(self.tokens))
            }
            path if path.ends_with("/snapshot") => match self.snapshots.pop_front() {
                Some(snapshot) => json(&snapshot),
                None => Reply::Status(503, String::new()),
            },
            _ => self.replies.pop_front().unwrap_or(Reply::Status(204, String::new())),
        }
    }
}

fn json<T: serde::Serialize>(body: &T) -> Reply {
    Reply::Status(200, serde_json::to_string(body).unwrap())
}
