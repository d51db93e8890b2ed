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
    let server = start(&config, platform, standby).await?;
    let listener = TcpListener::bind(&address).await.map_err(listen)?;
    let local = listener.local_addr().map_err(listen)?;
    welcome::print(&config, &local.to_string());
    // Small frames must not wait for the acknowledgement of earlier ones.
    let listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(target: "stormglass::server", %error, "TCP_NODELAY was refused");
        }
    });
    server.serve(listener, stop_signal()).await?;
    Ok(())
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
