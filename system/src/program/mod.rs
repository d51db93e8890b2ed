//! The server program: flags, configuration, logs, signals.

mod flags;
mod logs;
mod panics;
mod settings;
mod welcome;

use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::Arc;

use axum::serve::ListenerExt;
use clap::Parser;
use system::platform::OsPlatform;
use system::{Config, ServeError, Server, StartError};
use tokio::net::TcpListener;
use tracing::info;

use flags::Flags;
use settings::SettingsError;

/// Why the program ends without having served.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Settings(#[from] SettingsError),
    #[error("{directory}: {source}")]
    Start { directory: String, source: StartError },
    #[error("cannot listen on {address}: {source}; choose another with --listen")]
    Listen { address: String, source: io::Error },
    #[error("cannot start the runtime: {0}")]
    Runtime(io::Error),
    #[error(transparent)]
    Serve(#[from] ServeError),
}

impl Failure {
    /// 64: a setting is wrong (as sysexits.h has it). 1: everything else.
    fn exit_code(&self) -> ExitCode {
        match self {
            Self::Settings(_) => ExitCode::from(64),
            Self::Listen { source, .. } if source.kind() == io::ErrorKind::InvalidInput => ExitCode::from(64),
            _ => ExitCode::FAILURE,
        }
    }
}

/// Runs the program with the process's arguments.
pub(crate) fn run() -> ExitCode {
    let flags = match Flags::try_parse() {
        Ok(flags) => flags,
        Err(error) => {
            let code = if error.use_stderr() { ExitCode::from(64) } else { ExitCode::SUCCESS };
            // Nothing can be said if even the terminal is gone.
            let _ = error.print();
            return code;
        }
    };
    match start(flags) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            anstream::eprintln!("stormglass: {failure}");
            failure.exit_code()
        }
    }
}

fn start(flags: Flags) -> Result<(), Failure> {
    let config = settings::load(&flags)?;
    if flags.print_config {
        // A reader that closes early has read enough.
        let _ = write!(anstream::stdout(), "{}", settings::to_toml(&config));
        return Ok(());
    }
    logs::init(flags.log_json);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Failure::Runtime)?;
    runtime.block_on(serve(config))
}

async fn serve(config: Config) -> Result<(), Failure> {
    let platform = Arc::new(OsPlatform::new(&config.data_directory));
    let address = config.listen.clone();
    let listen = |source| Failure::Listen { address: address.clone(), source };
    // An address that is none is refused before anything is written.
    drop(tokio::net::lookup_host(&address).await.map_err(listen)?);
    let directory = config.data_directory.clone();
    let started = panics::unreported(Server::start(config.clone(), platform)).await;
    let server = started.map_err(|source| Failure::Start { directory, source })?;
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

/// Resolves on SIGINT or SIGTERM.
async fn stop_signal() {
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
