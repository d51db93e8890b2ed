//! One WebSocket: frames in and out, each told to the observer. What the frames mean is the conversation's matter.

use std::future::poll_fn;
use std::io;
use std::sync::Arc;
use std::task::Poll;

use futures_util::{SinkExt, StreamExt};
use http::HeaderValue;
use http::header::{AUTHORIZATION, SEC_WEBSOCKET_PROTOCOL};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::handshake::client::Request;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message, Utf8Bytes};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use super::{Connector, Observer, Purpose, Timing};
use crate::protocol::{ChunkFrame, ClientFrame, CloseCode, ErrorCode, Problem, SUBPROTOCOL, ServerFrame};

/// tungstenite's default of 128 KiB is zeroed for each connection, and this much of it at each look for bytes.
const BUFFER_BYTES: usize = 1 << 10;

/// An open WebSocket. Its end is told when it is dropped, whichever way it ended.
pub(super) struct Socket<S> {
    websocket: WebSocketStream<S>,
    connection: u32,
    observer: Arc<dyn Observer>,
    timing: Timing,
    unflushed: bool,
    end: End,
}

/// How a WebSocket ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct End {
    /// The close code, where one was received.
    pub(super) code: Option<u16>,
    /// In a person's words.
    pub(super) reason: String,
}

/// Something came.
#[derive(Debug)]
pub(super) enum Heard {
    /// A frame of the protocol.
    Frame(Arc<ServerFrame>),
    /// A sign of life that says nothing.
    Noise,
}

/// No WebSocket came about.
#[derive(Debug)]
pub(super) enum OpenError {
    /// The server answered, but not with an upgrade.
    Refused {
        /// The HTTP status.
        status: u16,
        /// The problem's code, where one was readable.
        code: Option<ErrorCode>,
    },
    /// No connection, or no answer.
    Unreachable,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Socket<S> {
    /// Connects and upgrades.
    pub(super) async fn open<C: Connector<Stream = S>>(
        connector: &C,
        token: &str,
        timing: Timing,
    ) -> Result<WebSocketStream<S>, OpenError> {
        let unreachable = |_| OpenError::Unreachable;
        let request = upgrade_request(connector.authority(), token).map_err(unreachable)?;
        let connecting = timeout(timing.connect_timeout(), connector.connect(Purpose::WebSocket));
        let stream = connecting.await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
        let stream = stream.map_err(|_| OpenError::Unreachable)?;
        let config = WebSocketConfig::default().read_buffer_size(BUFFER_BYTES).write_buffer_size(BUFFER_BYTES);
        let upgrading = timeout(timing.connect_timeout(), client_async_with_config(request, stream, Some(config)));
        match upgrading.await {
            Ok(Ok((websocket, _))) => Ok(websocket),
            Ok(Err(Error::Http(response))) => {
                let body = response.body().as_deref().unwrap_or_default();
                let code = serde_json::from_slice::<Problem>(body).ok().map(|problem| problem.code);
                Err(OpenError::Refused { status: response.status().as_u16(), code })
            }
            Ok(Err(_)) | Err(_) => Err(OpenError::Unreachable),
        }
    }

    /// Wraps an upgraded stream, the client's `connection`th.
    pub(super) fn new(
        websocket: WebSocketStream<S>,
        connection: u32,
        observer: Arc<dyn Observer>,
        timing: Timing,
    ) -> Self {
        let end = End { code: None, reason: "dropped".to_owned() };
        Self { websocket, connection, observer, timing, unflushed: false, end }
    }

    /// Which of the client's connections this is.
    pub(super) fn connection(&self) -> u32 {
        self.connection
    }

    /// Hands `frame` to the transport; [`Socket::receive`] carries it out while it waits.
    ///
    /// Writing is never awaited alone: two peers that both only write would wait for each other. What waits to be
    /// written is bounded by the outbox, and given up with the connection when the server falls silent.
    pub(super) fn send(&mut self, frame: ClientFrame) -> Result<(), End> {
        let frame = Arc::new(frame);
        self.write(Message::Text(Utf8Bytes::from(frame.to_text())))?;
        self.observer.frame_sent(self.connection, &frame);
        Ok(())
    }

    /// The same with a chunk of an upload, in a binary frame.
    pub(super) fn send_chunk(&mut self, chunk: &ChunkFrame) -> Result<(), End> {
        self.write(Message::Binary(chunk.to_bytes()))?;
        self.observer.chunk_sent(self.connection, chunk);
        Ok(())
    }

    fn write(&mut self, message: Message) -> Result<(), End> {
        self.unflushed = true;
        let accepted = self.websocket.start_send_unpin(message);
        accepted.map_err(|error| self.ended(None, format!("writing: {error}")))
    }

    /// Waits for what the server says next. Loses nothing when it is dropped.
    pub(super) async fn receive(&mut self) -> Result<Heard, End> {
        let (websocket, unflushed) = (&mut self.websocket, &mut self.unflushed);
        let message = poll_fn(|context| {
            if *unflushed && let Poll::Ready(flushed) = websocket.poll_flush_unpin(context) {
                *unflushed = false;
                if let Err(error) = flushed {
                    return Poll::Ready(Some(Err(error)));
                }
            }
            websocket.poll_next_unpin(context)
        })
        .await;
        match message {
            Some(Ok(Message::Text(text))) => Ok(self.read(text.as_str())),
            Some(Ok(Message::Binary(bytes))) => {
                let text = format!("<{} bytes>", bytes.len());
                self.observer.frame_unreadable(self.connection, &text, "this client reads text frames only");
                Ok(Heard::Noise)
            }
            Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => Ok(Heard::Noise),
            Some(Ok(Message::Close(frame))) => {
                let end = self.closed_by_server(frame);
                // The answer to the close frame; if it does not get through, the server's deadline ends the connection.
                let _ = timeout(self.timing.close_timeout(), self.websocket.flush()).await;
                Err(end)
            }
            Some(Err(error)) => Err(self.ended(None, format!("reading: {error}"))),
            None => Err(self.ended(None, "the stream ended".to_owned())),
        }
    }

    /// Says goodbye and waits a moment for the answer.
    pub(super) async fn close(&mut self, reason: &str) -> End {
        self.ended(None, reason.to_owned());
        let goodbye = CloseFrame { code: CloseCode::Normal.number().into(), reason: Utf8Bytes::from_static("goodbye") };
        let answered = async {
            self.websocket.close(Some(goodbye)).await.ok()?;
            loop {
                match self.websocket.next().await? {
                    Ok(Message::Close(frame)) => return frame.map(|frame| u16::from(frame.code)),
                    // What the server said before it read the goodbye comes again after the next hello.
                    Ok(_) => {}
                    Err(_) => return None,
                }
            }
        };
        self.end.code = timeout(self.timing.close_timeout(), answered).await.ok().flatten();
        self.end.clone()
    }

    /// The connection counts as dead.
    pub(super) fn ended(&mut self, code: Option<u16>, reason: String) -> End {
        self.end = End { code, reason };
        self.end.clone()
    }

    fn read(&self, text: &str) -> Heard {
        match ServerFrame::parse(text) {
            Ok(frame) => {
                let frame = Arc::new(frame);
                self.observer.frame_received(self.connection, &text.into(), &frame);
                Heard::Frame(frame)
            }
            Err(error) => {
                self.observer.frame_unreadable(self.connection, text, &error.to_string());
                Heard::Noise
            }
        }
    }

    fn closed_by_server(&mut self, frame: Option<CloseFrame>) -> End {
        match frame {
            Some(frame) => self.ended(Some(frame.code.into()), format!("closed by the server: {}", frame.reason)),
            None => self.ended(None, "closed by the server without a code".to_owned()),
        }
    }
}

impl<S> Drop for Socket<S> {
    fn drop(&mut self) {
        self.observer.connection_closed(self.connection, self.end.code, &self.end.reason);
    }
}

fn upgrade_request(authority: &str, token: &str) -> Result<Request, Error> {
    let mut request = format!("ws://{authority}/ws").into_client_request()?;
    let headers = request.headers_mut();
    headers.insert(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(SUBPROTOCOL));
    headers.insert(AUTHORIZATION, HeaderValue::try_from(format!("Bearer {token}")).map_err(http::Error::from)?);
    Ok(request)
}
