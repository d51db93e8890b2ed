//! The upgrade of a request to a WebSocket (RFC 6455, 4.2).

use axum::body::Body;
use axum::extract::{FromRequest, Request};
use axum::response::Response;
use http::HeaderValue;
use http::header::SEC_WEBSOCKET_PROTOCOL;
use hyper::upgrade::OnUpgrade;
use tokio_tungstenite::tungstenite::handshake::server::create_response_with_body;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;

use super::socket::Socket;
use crate::app::App;
use crate::protocol::ErrorCode;
use crate::refusal::Refusal;

/// A request that asks for a WebSocket as it should, not yet answered.
#[derive(Debug)]
pub(crate) struct Upgrade {
    answer: Response,
    on_upgrade: OnUpgrade,
}

impl FromRequest<App> for Upgrade {
    type Rejection = Refusal;

    async fn from_request(request: Request, _: &App) -> Result<Self, Refusal> {
        let answer = create_response_with_body(&request, Body::empty).map_err(|_| {
            Refusal::new(ErrorCode::InvalidRequest, "this is a WebSocket: send the headers of RFC 6455's handshake")
        })?;
        Ok(Self { answer, on_upgrade: hyper::upgrade::on(request) })
    }
}

impl Upgrade {
    /// Answers it, and hands the socket over once the client has the answer. Nothing is handed over if the client goes
    /// away before.
    pub(super) fn accept(
        self,
        subprotocol: &'static str,
        config: WebSocketConfig,
        serve: impl FnOnce(Box<Socket>) + Send + 'static,
    ) -> Response {
        let Self { mut answer, on_upgrade } = self;
        answer.headers_mut().insert(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(subprotocol));
        tokio::spawn(async move {
            if let Ok(upgraded) = on_upgrade.await {
                serve(Box::new(Socket::new(upgraded, config).await));
            }
        });
        answer
    }
}
