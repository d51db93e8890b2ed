//! The way to a server: through the weather of a simulated world, or over TCP. Bodies do not see which.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use system::client::{Connector, Purpose, TcpConnector};
use system::platform::BoxFuture;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use crate::network::Wire;
use crate::world::WeatherConnector;

/// The way of one device to the server.
pub enum Line {
    /// Through the weather of a simulated world.
    Simulated(SimulatedLine),
    /// Over TCP.
    Real(TcpConnector),
}

/// The way through the weather: made by the world only.
pub struct SimulatedLine(pub(in crate::scenarios) WeatherConnector);

/// One connection.
pub enum Stream {
    /// Through the weather of a simulated world.
    Simulated(Wire),
    /// Over TCP.
    Real(TcpStream),
}

impl Connector for Line {
    type Stream = Stream;

    fn connect(&self, purpose: Purpose) -> BoxFuture<io::Result<Stream>> {
        match self {
            Self::Simulated(line) => {
                let connecting = line.0.connect(purpose);
                Box::pin(async move { connecting.await.map(Stream::Simulated) })
            }
            Self::Real(line) => {
                let connecting = line.connect(purpose);
                Box::pin(async move { connecting.await.map(Stream::Real) })
            }
        }
    }

    fn authority(&self) -> &str {
        match self {
            Self::Simulated(line) => line.0.authority(),
            Self::Real(line) => line.authority(),
        }
    }
}

impl AsyncRead for Stream {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, out: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Simulated(stream) => Pin::new(stream).poll_read(context, out),
            Self::Real(stream) => Pin::new(stream).poll_read(context, out),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Simulated(stream) => Pin::new(stream).poll_write(context, bytes),
            Self::Real(stream) => Pin::new(stream).poll_write(context, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Simulated(stream) => Pin::new(stream).poll_flush(context),
            Self::Real(stream) => Pin::new(stream).poll_flush(context),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Simulated(stream) => Pin::new(stream).poll_shutdown(context),
            Self::Real(stream) => Pin::new(stream).poll_shutdown(context),
        }
    }
}
