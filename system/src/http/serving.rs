//! One TCP connection: requests one after another, or one WebSocket, with a time limit on everything that the other side
//! may leave undone.

use std::pin::pin;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::watch;
use tokio::time::timeout;
use tower::ServiceExt;
use tracing::debug;

use super::correlation::{problem_body, retry_after_s};
use super::meant;
use super::stalling::Impatient;
use crate::config::HttpConfig;
use crate::refusal::Refusal;
use crate::server::PeerAddress;

/// Serves a connection until either side ends it, or until it is upgraded. Once `stopping` is true, it ends after the
/// request that is under way.
pub async fn serve_stream<Io>(
    io: Io,
    peer: PeerAddress,
    router: Router,
    config: &HttpConfig,
    mut stopping: watch::Receiver<bool>,
) where
    Io: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = service_fn(move |mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(peer.clone());
        router.clone().oneshot(meant(request.map(axum::body::Body::new) as Request))
    });
    let io = Impatient::new(io, Duration::from_millis(config.write_timeout_ms));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(Duration::from_millis(config.header_timeout_ms))
        .max_buf_size(config.buffer_bytes)
        .serve_connection(TokioIo::new(io), service)
        .with_upgrades();
    let mut connection = pin!(connection);
    let served = tokio::select! {
        biased;
        served = &mut connection => served,
        () = async { drop(stopping.wait_for(|stopping| *stopping).await) } => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = served {
        debug!(target: "stormglass::server", %error, "a connection broke");
    }
}

/// How long a connection that is turned away is listened to: what it has sent must be read, or its end is a reset that may
/// take the answer away with it.
const LINGER: Duration = Duration::from_secs(1);

/// Why a connection is turned away before it is read, and the correlation id under which it is told.
#[derive(Debug)]
pub struct Refused {
    /// Why.
    pub refusal: Refusal,
    /// Names it.
    pub correlation: String,
}

/// Answers whatever the connection is about to ask with one refusal, and ends it. Costs no buffer, and no more than a
/// moment.
pub async fn turn_away<Io>(mut io: Io, Refused { refusal, correlation }: Refused)
where
    Io: AsyncRead + AsyncWrite + Unpin,
{
    let status = http::StatusCode::from_u16(refusal.code.status()).expect("every code has a status");
    let retry_after_s = retry_after_s(&refusal);
    let body = problem_body(refusal, &correlation);
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/problem+json\r\ncontent-length: {}\r\nretry-after: {retry_after_s}\r\n\
         x-correlation-id: {correlation}\r\nconnection: close\r\n\r\n",
        body.len(),
    );
    let goodbye = async {
        io.write_all(&[head.into_bytes(), body].concat()).await?;
        io.shutdown().await?;
        let mut rest = [0; 512];
        while io.read(&mut rest).await? > 0 {}
        Ok::<_, std::io::Error>(())
    };
    // Whoever is gone already needs no answer.
    let _ = timeout(LINGER, goodbye).await;
}
