//! The bytes of a connection, and the text frame that is just being written to them.
//!
//! tungstenite copies what it sends into a buffer of the connection, which stays as large as the largest frame ever was:
//! with thousands of connections that is most of the server's memory. So it reads, and it writes the small frames of the
//! protocol itself; texts are written past it, from where they lie for everybody who gets them. What it writes meanwhile
//! waits for the end of the frame.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_tungstenite::tungstenite::protocol::frame::FrameHeader;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};

/// The longest header of a frame of a server's: it has no mask (RFC 6455, 5.2).
const HEADER_BYTES: usize = 10;

/// A byte stream under a WebSocket.
#[derive(Debug)]
pub(super) struct Wire<Io> {
    io: Io,
    frame: Option<Outgoing>,
}

/// What is left to write of a frame.
#[derive(Debug)]
struct Outgoing {
    header: io::Cursor<Header>,
    payload: Bytes,
}

#[derive(Debug)]
struct Header {
    bytes: [u8; HEADER_BYTES],
    length: usize,
}

impl AsRef<[u8]> for Header {
    fn as_ref(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

impl<Io: AsyncRead + AsyncWrite + Unpin> Wire<Io> {
    pub(super) fn new(io: Io) -> Self {
        Self { io, frame: None }
    }

    /// Begins a text frame. Nothing else may be half written.
    pub(super) fn begin(&mut self, text: Bytes) {
        debug_assert!(self.frame.is_none(), "a frame begins before the last has ended");
        self.frame = Some(Outgoing::text(text, self.io.is_write_vectored()));
    }

    /// Writes the rest of the frame that was begun, if there is one. Cancelling loses nothing.
    pub(super) fn poll_end(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_rest(context))?;
        Pin::new(&mut self.io).poll_flush(context)
    }

    fn poll_rest(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        while let Some(frame) = &mut self.frame {
            let slices = [IoSlice::new(frame.header.chunk()), IoSlice::new(&frame.payload)];
            let unwritten = if frame.header.has_remaining() { &slices[..] } else { &slices[1..] };
            let written = ready!(Pin::new(&mut self.io).poll_write_vectored(context, unwritten))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            if frame.advance(written) {
                self.frame = None;
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl Outgoing {
    /// A text frame. `apart`: whether header and payload can be written at once without lying side by side.
    fn text(payload: Bytes, apart: bool) -> Self {
        let header = FrameHeader { opcode: OpCode::Data(Data::Text), ..FrameHeader::default() };
        let mut bytes = [0; HEADER_BYTES];
        let mut rest = &mut bytes[..];
        header.format(payload.len() as u64, &mut rest).expect("a header without a mask has room");
        let length = HEADER_BYTES - rest.len();
        if apart {
            return Self { header: io::Cursor::new(Header { bytes, length }), payload };
        }
        let payload = [&bytes[..length], &payload].concat().into();
        Self { header: io::Cursor::new(Header { bytes, length: 0 }), payload }
    }

    /// So much is written: whether that was the end.
    fn advance(&mut self, written: usize) -> bool {
        let of_header = written.min(self.header.remaining());
        self.header.advance(of_header);
        self.payload.advance(written - of_header);
        !self.payload.has_remaining() && !self.header.has_remaining()
    }
}

impl<Io: AsyncRead + Unpin> AsyncRead for Wire<Io> {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, out: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_read(context, out)
    }
}

impl<Io: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Wire<Io> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        ready!(self.poll_rest(context))?;
        Pin::new(&mut self.io).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_end(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_rest(context))?;
        Pin::new(&mut self.io).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use futures_util::{SinkExt, StreamExt};
    use tokio::io::{AsyncReadExt, DuplexStream, duplex};
    use tokio_tungstenite::WebSocketStream;
    use tokio_tungstenite::tungstenite::Message;
    use tokio_tungstenite::tungstenite::protocol::Role;

    use super::*;

    async fn end(wire: &mut Wire<DuplexStream>) {
        poll_fn(|context| wire.poll_end(context)).await.unwrap();
    }

    #[tokio::test]
    async fn texts_of_every_size_arrive_whole() {
        let (server, client) = duplex(7);
        let mut client = WebSocketStream::from_raw_socket(client, Role::Client, None).await;
        let lengths = [0, 1, 125, 126, 300, 65_535, 65_536, 70_000];
        let writing = async {
            let mut wire = Wire::new(server);
            for length in lengths {
                wire.begin("x".repeat(length).into());
                end(&mut wire).await;
            }
            wire
        };
        let reading = async {
            for length in lengths {
                assert_eq!(client.next().await.unwrap().unwrap(), Message::text("x".repeat(length)));
            }
        };
        tokio::join!(writing, reading);
    }

    #[tokio::test]
    async fn what_the_protocol_says_waits_for_the_end_of_a_frame() {
        let (server, client) = duplex(16);
        let mut server = WebSocketStream::from_raw_socket(Wire::new(server), Role::Server, None).await;
        server.get_mut().begin("a text that does not fit at once".into());
        let begun = poll_fn(|context| Poll::Ready(server.get_mut().poll_end(context))).await;
        assert!(begun.is_pending(), "the pipe holds less than the frame");
        let mut client = WebSocketStream::from_raw_socket(client, Role::Client, None).await;
        let pinging = async { server.send(Message::Ping("now".into())).await.unwrap() };
        let reading = async {
            assert_eq!(client.next().await.unwrap().unwrap(), Message::text("a text that does not fit at once"));
            assert_eq!(client.next().await.unwrap().unwrap(), Message::Ping("now".into()));
        };
        tokio::join!(pinging, reading);
    }

    #[tokio::test]
    async fn header_and_payload_leave_in_one_write() {
        let (server, mut client) = duplex(64);
        let mut wire = Wire::new(server);
        wire.begin("together".into());
        end(&mut wire).await;
        let mut bytes = [0; 64];
        assert_eq!(client.read(&mut bytes).await.unwrap(), 2 + "together".len());
    }
}
