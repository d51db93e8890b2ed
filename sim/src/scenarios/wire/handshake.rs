//! The upgrade to a WebSocket, exactly as it is written down.

use std::sync::Arc;
use std::time::Duration;

use http::HeaderValue;
use http::header::{AUTHORIZATION, HeaderName, ORIGIN, SEC_WEBSOCKET_PROTOCOL};
use system::client::{Connector, Observer, Purpose};
use system::protocol::{BEARER_SUBPROTOCOL_PREFIX, SUBPROTOCOL};
use tokio::time::timeout;
use tokio_tungstenite::client_async_with_config;
use tokio_tungstenite::tungstenite::Error;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;

use super::ask::Reply;
use super::line::Line;
use super::socket::Socket;

/// How long an upgrade may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// tungstenite's default of 128 KiB is zeroed for each connection.
const BUFFER_BYTES: usize = 1 << 10;

/// What is said to become a WebSocket. A new one offers the protocol and no credentials.
#[derive(Clone, Debug)]
pub struct Handshake {
    path: String,
    protocols: Vec<String>,
    headers: Vec<(String, String)>,
}

impl Default for Handshake {
    fn default() -> Self {
        Self { path: "/ws".to_owned(), protocols: vec![SUBPROTOCOL.to_owned()], headers: Vec::new() }
    }
}

impl Handshake {
    /// Offers the protocol, and no credentials.
    pub fn new() -> Self {
        Self::default()
    }

    /// With an access token in `Authorization`, as programs say it.
    #[must_use]
    pub fn token(self, token: &str) -> Self {
        self.header(AUTHORIZATION.as_str(), format!("Bearer {token}"))
    }

    /// With an access token in a second subprotocol, as browsers say it.
    #[must_use]
    pub fn browser_token(mut self, token: &str) -> Self {
        self.protocols.push(format!("{BEARER_SUBPROTOCOL_PREFIX}{token}"));
        self
    }

    /// Offers these subprotocols, and no other.
    #[must_use]
    pub fn protocols(mut self, protocols: &[&str]) -> Self {
        self.protocols = protocols.iter().map(|&protocol| protocol.to_owned()).collect();
        self
    }

    /// From a page of this origin.
    #[must_use]
    pub fn origin(self, origin: &str) -> Self {
        self.header(ORIGIN.as_str(), origin)
    }

    /// At another path, or with a query.
    #[must_use]
    pub fn at(mut self, path: &str) -> Self {
        path.clone_into(&mut self.path);
        self
    }

    /// With one more header.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_ascii_lowercase(), value.into()));
        self
    }

    /// Says it; a socket, or the answer if it was refused, or why neither came.
    pub(in crate::scenarios) async fn knock(
        &self,
        line: &Line,
        device: &str,
        observer: &Arc<dyn Observer>,
    ) -> Result<Result<Socket, Reply>, String> {
        let failed = |error: Error| error.to_string();
        let mut request = format!("ws://{}{}", line.authority(), self.path).into_client_request().map_err(failed)?;
        let headers = request.headers_mut();
        if !self.protocols.is_empty() {
            let offered = HeaderValue::try_from(self.protocols.join(", ")).map_err(|error| error.to_string())?;
            headers.insert(SEC_WEBSOCKET_PROTOCOL, offered);
        }
        for (name, value) in &self.headers {
            let name = HeaderName::try_from(name.as_str()).map_err(|error| error.to_string())?;
            headers.append(name, HeaderValue::try_from(value).map_err(|error| error.to_string())?);
        }
        let opened = timeout(PATIENCE, async {
            let stream = line.connect(Purpose::WebSocket).await.map_err(|error| format!("connecting: {error}"))?;
            observer.requested(1, "GET", &self.path, None, "");
            let config = WebSocketConfig::default().read_buffer_size(BUFFER_BYTES).write_buffer_size(BUFFER_BYTES);
            Ok::<_, String>(client_async_with_config(request, stream, Some(config)).await)
        });
        match opened.await {
            Ok(Ok(Ok((stream, answer)))) => {
                observer.answered(1, answer.status().as_u16(), "");
                Ok(Ok(Socket::attend(device, stream, observer.clone())))
            }
            Ok(Ok(Err(Error::Http(answer)))) => {
                let (parts, body) = answer.into_parts();
                let reply = Reply::new(&parts, body.unwrap_or_default().into());
                observer.answered(1, reply.status, &reply.told());
                Ok(Err(reply))
            }
            Ok(Ok(Err(error))) => {
                observer.answer_lost(1, &error.to_string());
                Err(error.to_string())
            }
            Ok(Err(reason)) => Err(reason),
            Err(_) => {
                let reason = format!("no answer to the handshake within {} s", PATIENCE.as_secs());
                observer.answer_lost(1, &reason);
                Err(reason)
            }
        }
    }
}
