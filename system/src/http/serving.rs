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
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::watch;
use tower::ServiceExt;
use tracing::debug;

use super::meant;
use crate::config::HttpConfig;
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
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(Duration::from_millis(config.header_timeout_ms))
        .max_buf_size(config.buffer_bytes)
        .serve_connection(TokioIo::new(io), service)
        .with_upgrades();
    let mut connection = pin!(connection);
    let served = tokio::select! {
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
