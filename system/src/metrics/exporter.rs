//! The listener that is for metrics alone (`metrics.listen`): whoever reaches it reads them, so it is for an address that
//! only Prometheus reaches. On the server's own listener `GET /metrics` wants the operator's token instead.
//!
//! It keeps nothing of the server alive: once the server is gone, it answers 503.

use std::fmt;

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::serve::Listener;
use http::StatusCode;
use http::header::CONTENT_TYPE;
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::live::scrape;
use super::registry::EXPOSITION_MEDIA_TYPE;
use crate::app::{App, WeakApp};
use crate::config::HttpConfig;
use crate::http::serve_stream;
use crate::server::PeerAddress;

/// How many connections there may be: scrapers are few.
const CONNECTIONS: usize = 64;

/// Tells of one server's metrics.
#[derive(Debug)]
pub struct Exporter {
    app: WeakApp,
    config: HttpConfig,
    stopping: watch::Receiver<bool>,
}

impl Exporter {
    pub(crate) fn new(app: &App) -> Self {
        Self { app: app.downgrade(), config: app.config.http.clone(), stopping: app.stopping.clone() }
    }

    /// Serves `GET /metrics`, and nothing else. Never resolves: dropping it ends it.
    pub async fn serve<L>(self, mut listener: L)
    where
        L: Listener,
        L::Addr: fmt::Display,
    {
        let Self { app, config, stopping } = self;
        let router = Router::new().route("/metrics", get(read)).with_state(app);
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                (io, address) = listener.accept(), if connections.len() < CONNECTIONS => {
                    let (router, config, stopping) = (router.clone(), config.clone(), stopping.clone());
                    let peer = PeerAddress(address.to_string());
                    connections.spawn(async move { serve_stream(io, peer, router, &config, stopping).await });
                }
                Some(_) = connections.join_next() => {}
            }
        }
    }
}

async fn read(State(app): State<WeakApp>) -> Response {
    match app.upgrade() {
        Some(app) => ([(CONTENT_TYPE, EXPOSITION_MEDIA_TYPE)], scrape(&app)).into_response(),
        None => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}
