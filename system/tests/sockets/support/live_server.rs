//! A server inside the test's process, on a real socket.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::serve::ListenerExt;
use system::platform::OsPlatform;
use system::{Config, ServeError, Server};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::contract::{Findings, Tap};

/// A server that serves until it is stopped or dropped. Whatever it says is checked against the documents that it
/// publishes, and its end fails the test if anything was wrong.
pub struct LiveServer {
    pub address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    serving: Option<JoinHandle<Result<(), ServeError>>>,
    /// Removed when this is dropped.
    directory: Option<TempDir>,
    /// What it said that its documents do not.
    findings: Findings,
}

impl LiveServer {
    /// A server with the settings of tests and a directory of its own.
    pub async fn start() -> Self {
        Self::with(|_| {}).await
    }

    /// The same with other settings.
    pub async fn with(adjust: impl FnOnce(&mut Config)) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let mut config = super::quick();
        adjust(&mut config);
        let server = Server::start(config, Arc::new(OsPlatform::new(directory.path()))).await.unwrap();
        let mut live = Self::on(server).await;
        live.directory = Some(directory);
        live
    }

    /// Serves what was started elsewhere.
    pub async fn on(server: Server) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        // The peer may have reset the connection already.
        let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
        let (listener, findings) = Tap::new(listener);
        let (stop, stopped) = oneshot::channel();
        let serving = tokio::spawn(server.serve(listener, async { stopped.await.unwrap_or_default() }));
        Self { address, stop: Some(stop), serving: Some(serving), directory: None, findings }
    }

    /// Begins the shutdown; awaiting what is returned waits for its end.
    pub fn stop(mut self) -> JoinHandle<Result<(), ServeError>> {
        self.stop.take().unwrap().send(()).unwrap();
        self.serving.take().unwrap()
    }
}

impl Drop for LiveServer {
    fn drop(&mut self) {
        if let Some(serving) = &self.serving {
            serving.abort();
        }
        if !std::thread::panicking() {
            self.findings.assert_none();
        }
    }
}
