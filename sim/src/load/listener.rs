//! One WebSocket of the load: as lean as it can be, since thousands of them share a core with nothing else to measure
//! by. It answers pings and hands every other text to whoever opened it.

use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use http::header::{AUTHORIZATION, SEC_WEBSOCKET_PROTOCOL};
use system::protocol::{ClientFrame, Command, Follow, Hello, SUBPROTOCOL};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error, Message, Utf8Bytes};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use super::LoadError;

/// How many addresses the connections come from.
const ADDRESSES: usize = 8;

/// How long one step of opening a connection may take, on a machine that is busy with thousands of others.
const PATIENCE: Duration = Duration::from_secs(30);

/// An open, welcomed WebSocket.
pub(super) struct Listener {
    ordinal: usize,
    socket: WebSocketStream<TcpStream>,
}

impl Listener {
    /// Connects, says hello and is welcomed.
    pub(super) async fn open(
        server: SocketAddr,
        ordinal: usize,
        token: &str,
        follow: Follow,
    ) -> Result<Self, LoadError> {
        let failed = |what| {
            move |error: Box<dyn std::error::Error + Send + Sync>| LoadError::Connection {
                ordinal,
                what,
                reason: error.to_string(),
            }
        };
        let opening = async {
            let stream = connect(server, ordinal).await.map_err(|error| failed("connecting")(error.into()))?;
            let mut request = format!("ws://{server}/ws")
                .into_client_request()
                .map_err(|error| failed("asking to upgrade")(error.into()))?;
            let bearer = format!("Bearer {token}").parse().expect("a token is visible ASCII");
            request.headers_mut().insert(AUTHORIZATION, bearer);
            request.headers_mut().insert(SEC_WEBSOCKET_PROTOCOL, SUBPROTOCOL.parse().expect("it is visible ASCII"));
            let config = WebSocketConfig::default().read_buffer_size(2_048).write_buffer_size(0);
            let (socket, _) = client_async_with_config(request, stream, Some(config))
                .await
                .map_err(|error| failed("upgrading")(error.into()))?;
            let mut listener = Self { ordinal, socket };
            let hello = ClientFrame {
                id: Some("hello".to_owned()),
                command: Command::Hello(Hello { positions: Vec::new(), follow }),
            };
            listener.send(&hello).await?;
            loop {
                if listener.next().await?.as_str().starts_with(r#"{"type":"welcome""#) {
                    return Ok(listener);
                }
            }
        };
        timeout(PATIENCE, opening).await.unwrap_or(Err(LoadError::Late("a welcome", PATIENCE.as_secs())))
    }

    /// Sends a command.
    pub(super) async fn send(&mut self, frame: &ClientFrame) -> Result<(), LoadError> {
        let text = frame.to_text();
        self.socket.send(Message::text(text)).await.map_err(|error| self.broken("sending", &error))
    }

    /// The next text that is no ping.
    pub(super) async fn next(&mut self) -> Result<Utf8Bytes, LoadError> {
        loop {
            match self.socket.next().await {
                Some(Ok(Message::Text(text))) if text.as_str().starts_with(r#"{"type":"ping""#) => {
                    self.send(&ClientFrame { id: None, command: Command::Pong }).await?;
                }
                Some(Ok(Message::Text(text))) => return Ok(text),
                Some(Ok(Message::Close(frame))) => {
                    let reason = frame.map_or_else(|| "without a code".to_owned(), |frame| frame.code.to_string());
                    return Err(LoadError::Connection { ordinal: self.ordinal, what: "was closed", reason });
                }
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(self.broken("reading", &error)),
                None => return Err(self.broken("reading", &Error::ConnectionClosed)),
            }
        }
    }

    /// Ends it with the closing handshake.
    pub(super) async fn close(mut self) -> Result<(), LoadError> {
        self.socket.close(None).await.map_err(|error| self.broken("closing", &error))?;
        loop {
            match self.socket.next().await {
                None | Some(Err(Error::ConnectionClosed)) => return Ok(()),
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(self.broken("closing", &error)),
            }
        }
    }

    fn broken(&self, what: &'static str, error: &Error) -> LoadError {
        LoadError::Connection { ordinal: self.ordinal, what, reason: error.to_string() }
    }
}

/// Connects from one of several addresses: one alone has too few ports for many thousands.
async fn connect(server: SocketAddr, ordinal: usize) -> std::io::Result<TcpStream> {
    let last = u8::try_from(ordinal % ADDRESSES).expect("there are few addresses") + 1;
    let socket = TcpSocket::new_v4()?;
    socket.bind(SocketAddr::V4(SocketAddrV4::new(Ipv4Addr::new(127, 0, 0, last), 0)))?;
    let stream = socket.connect(server).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}
