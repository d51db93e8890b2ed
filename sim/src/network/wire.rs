//! What a device holds: a stream of bytes to the server, through the weather.

use std::fmt;
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::runtime::Handle;
use turmoil::net::TcpStream;

use super::connection::Connection;
use super::link::ConnectionName;
use super::weather::Weather;

/// One connection of a device to the server, opened by [`Weather::connect`].
///
/// Both directions advance whenever it is polled, so whoever holds it must read (or wait to read) all the time, as a
/// WebSocket's loop and an HTTP client's connection task do. Dropping it closes the connection in good order: what was
/// written is sent, the server hears of the end one latency later, or, through a cut, after that.
pub struct Wire {
    /// Absent when it was broken or dropped.
    connection: Option<Box<Connection>>,
}

impl Wire {
    pub(super) fn new(
        weather: Weather,
        device: &Arc<str>,
        name: ConnectionName,
        life: usize,
        stream: TcpStream,
    ) -> Self {
        Self { connection: Some(Box::new(Connection::new(weather, device, name, life, stream))) }
    }

    /// Does `work` on the connection, and lets go of it if it turns out to be broken: its holder may keep a broken
    /// wire for long without polling it, and the server must hear of it all the same.
    fn with_connection<T>(&mut self, work: impl FnOnce(&mut Connection) -> Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        let Some(connection) = &mut self.connection else {
            return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        };
        let outcome = work(connection);
        if connection.check().is_err() {
            self.let_go();
        }
        outcome
    }

    /// What is still to be said is said by the device's operating system. Should the run end first, never.
    fn let_go(&mut self) {
        let Some(mut connection) = self.connection.take() else { return };
        connection.let_go();
        if connection.has_farewell()
            && let Ok(runtime) = Handle::try_current()
        {
            runtime.spawn(async move { poll_fn(|context| connection.poll_farewell(context)).await });
        }
    }
}

impl AsyncRead for Wire {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, out: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.with_connection(|connection| connection.poll_read(context, out))
    }
}

impl AsyncWrite for Wire {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.with_connection(|connection| connection.poll_write(context, bytes))
    }

    /// Nothing to do: what was written is on its way, as with a socket.
    fn poll_flush(mut self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.with_connection(|connection| Poll::Ready(connection.check()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.with_connection(|connection| Poll::Ready(connection.shut_down()))
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.let_go();
    }
}

impl fmt::Debug for Wire {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Wire").finish_non_exhaustive()
    }
}
