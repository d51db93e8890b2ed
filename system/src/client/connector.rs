//! Where a client's bytes go: the one seam between the client and a transport.

use std::io;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

use crate::platform::BoxFuture;

/// Opens byte streams to the server.
pub trait Connector: Send + Sync + 'static {
    /// A connection to the server.
    type Stream: AsyncRead + AsyncWrite + Unpin + Send + 'static;

    /// Opens a connection. The client gives up waiting by dropping the future.
    fn connect(&self, purpose: Purpose) -> BoxFuture<io::Result<Self::Stream>>;

    /// What goes into the `Host` header: `chat.example.com` or `127.0.0.1:7440`.
    fn authority(&self) -> &str;
}

/// What a connection is for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Purpose {
    /// REST requests, one after another.
    Rest,
    /// One WebSocket.
    WebSocket,
}

/// Plain TCP, without Nagle's delay.
#[derive(Clone, Debug)]
pub struct TcpConnector {
    authority: String,
}

impl TcpConnector {
    /// Connects to `authority`: a host name or address, and a port.
    pub fn new(authority: impl Into<String>) -> Self {
        Self { authority: authority.into() }
    }
}

impl Connector for TcpConnector {
    type Stream = TcpStream;

    fn connect(&self, _purpose: Purpose) -> BoxFuture<io::Result<TcpStream>> {
        let authority = self.authority.clone();
        Box::pin(async move {
            let stream = TcpStream::connect(authority).await?;
            stream.set_nodelay(true)?;
            Ok(stream)
        })
    }

    fn authority(&self) -> &str {
        &self.authority
    }
}
