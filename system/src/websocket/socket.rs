//! A WebSocket that one task reads and writes at once, without a buffer for what it sends (REQUIREMENTS.md WS-P2).

use std::future::poll_fn;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::ready;

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message, Utf8Bytes};

use super::wire::Wire;

type Stream = WebSocketStream<Wire<TokioIo<Upgraded>>>;

/// A WebSocket. The lock is held for single polls only, by one task: nobody ever waits for it.
#[derive(Debug)]
pub(super) struct Socket(Mutex<Stream>);

impl Socket {
    /// The server's side of a connection that was upgraded.
    pub(super) async fn new(upgraded: Upgraded, config: WebSocketConfig) -> Self {
        let wire = Wire::new(TokioIo::new(upgraded));
        Self(Mutex::new(Stream::from_raw_socket(wire, Role::Server, Some(config)).await))
    }

    /// What comes next from the client. Cancelling loses nothing.
    pub(super) async fn next(&self) -> Option<Result<Message, Error>> {
        poll_fn(|context| self.lock().poll_next_unpin(context)).await
    }

    /// Sends a text. Cancelled, it may have been begun; the rest then goes out before anything else does.
    pub(super) async fn send(&self, text: Utf8Bytes) -> Result<(), Error> {
        let mut text = Some(Bytes::from(text));
        poll_fn(|context| {
            let mut stream = self.lock();
            if text.is_some() {
                // No answer to a ping of the client's may be half written, nor an earlier text.
                ready!(stream.poll_flush_unpin(context))?;
            }
            if let Some(text) = text.take() {
                stream.get_mut().begin(text);
            }
            stream.get_mut().poll_end(context).map_err(Error::Io)
        })
        .await
    }

    /// The closing handshake of RFC 6455: begun with `frame`, or ended as the client began it.
    pub(super) async fn close(self, frame: Option<CloseFrame>) {
        let mut stream = self.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        if let Some(frame) = frame {
            if stream.send(Message::Close(Some(frame))).await.is_err() {
                return;
            }
            while let Some(Ok(_)) = stream.next().await {}
        }
        // An error here means that the peer is gone already, which is what a goodbye is for.
        let _ = SinkExt::close(&mut stream).await;
    }

    fn lock(&self) -> MutexGuard<'_, Stream> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
