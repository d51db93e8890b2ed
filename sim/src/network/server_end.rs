//! The server's end of a connection: turmoil's stream behind a buffer of bounded size.

use std::fmt;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use turmoil::net::TcpStream;

use super::send_buffer::Lease;
use super::weather::Weather;

/// What the server reads from and writes to.
pub struct ServerEnd {
    stream: TcpStream,
    buffer: Lease,
    weather: Weather,
}

impl Weather {
    /// The server's end of a connection that turmoil accepted.
    ///
    /// # Errors
    /// The stream does not know whom it is connected to.
    pub fn server_end(&self, stream: TcpStream) -> io::Result<ServerEnd> {
        let buffer = self.send_buffers().of(stream.peer_addr()?);
        Ok(ServerEnd { stream, buffer, weather: self.clone() })
    }
}

impl AsyncRead for ServerEnd {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, out: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, out)
    }
}

impl AsyncWrite for ServerEnd {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if self.weather.server_is_mute() {
            return Poll::Ready(Ok(bytes.len()));
        }
        let room = ready!(self.buffer.poll_room(context, bytes.len()));
        let written = ready!(Pin::new(&mut self.stream).poll_write(context, &bytes[..room]))?;
        self.buffer.fill(written);
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

impl fmt::Debug for ServerEnd {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("ServerEnd").finish_non_exhaustive()
    }
}
