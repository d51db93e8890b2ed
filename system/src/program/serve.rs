//! `stormglass` without a subcommand: serves until it is told to end.

use std::sync::Arc;
use std::time::Duration;

use axum::serve::ListenerExt;
use tokio::net::TcpListener;
use tracing::{info, warn};

use super::failure::Failure;
use super::{data_directory, panics, welcome};
use crate::platform::OsPlatform;
use crate::store::OpenError;
use crate::{Config, Server, StartError};

/// How often a server on standby tries to open the store. A failed attempt costs one system call.
const STANDBY_INTERVAL: Duration = Duration::from_millis(50);

/// Serves until a signal.
pub(super) fn run(config: Config, standby: bool) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Failure::Runtime)?;
    runtime.block_on(serve(config, standby))
}

async fn serve(config: Config, standby: bool) -> Result<(), Failure> {
    data_directory::require_no_half_restore(&config.data_directory)?;
    let platform = Arc::new(OsPlatform::new(&config.data_directory));
    let address = config.listen.clone();
    let listen = |source| Failure::Listen { address: address.clone(), source };
    // An address that is none is refused before anything is written.
    drop(tokio::net::lookup_host(&address).await.map_err(listen)?);
    if !config.metrics.listen.is_empty() {
        let address = &config.metrics.listen;
        let listen = |source| Failure::ListenForMetrics { address: address.clone(), source };
        drop(tokio::net::lookup_host(address).await.map_err(listen)?);
    }
    let server = start(&config, platform, standby).await?;
    let listener = TcpListener::bind(&address).await.map_err(listen)?;
    let local = listener.local_addr().map_err(listen)?;
    let for_metrics = match config.metrics.listen.as_str() {
        "" => None,
        address => Some(listen_for_metrics(address).await?),
    };
    welcome::print(&config, &local.to_string());
    // Small frames must not wait for the acknowledgement of earlier ones.
    let listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(target: "stormglass::server", %error, "TCP_NODELAY was refused");
        }
    });
    let exporter = server.exporter();
    let exporting = async {
        match for_metrics {
            Some(listener) => exporter.serve(listener).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        served = server.serve(listener, stop_signal()) => Ok(served?),
        () = exporting => unreachable!("it is served until the server ends"),
    }
}

/// Listens where nothing but metrics is told.
async fn listen_for_metrics(address: &str) -> Result<TcpListener, Failure> {
    let listen = |source| Failure::ListenForMetrics { address: address.to_owned(), source };
    let listener = TcpListener::bind(address).await.map_err(listen)?;
    let local = listener.local_addr().map_err(listen)?;
    info!(target: "stormglass::server", address = %local, "metrics are told at /metrics");
    Ok(listener)
}

/// Opens the store. On standby it waits as long as another server has it: the lock of the directory decides which of
/// them serves, however the other one ends, and a client that comes to this one resumes where it was (WS-19).
async fn start(config: &Config, platform: Arc<OsPlatform>, standby: bool) -> Result<Server, Failure> {
    let mut told = false;
    loop {
        match panics::unreported(Server::start(config.clone(), platform.clone())).await {
            Err(StartError::Open(OpenError::InUse)) if standby => {
                if !told {
                    info!(target: "stormglass::server", "standing by: another server has the data directory");
                    told = true;
                }
                tokio::time::sleep(STANDBY_INTERVAL).await;
            }
            started => {
                let directory = config.data_directory.clone();
                return started.map_err(|source| Failure::Start { directory, source });
            }
        }
    }
}

/// Resolves on SIGINT or SIGTERM. From then on a second one ends the process at once: whoever sends it does not want to
/// wait for the drain. Nothing that was acknowledged is lost by that; clients only find out later.
async fn stop_signal() {
    signal().await;
    tokio::spawn(async {
        signal().await;
        warn!(target: "stormglass::server", "told twice: ending at once");
        std::process::exit(1);
    });
}

async fn signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let terminate = async {
        match signal(SignalKind::terminate()) {
            Ok(mut signal) => drop(signal.recv().await),
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => info!(target: "stormglass::server", "interrupted"),
        () = terminate => info!(target: "stormglass::server", "told to terminate"),
    }
}
