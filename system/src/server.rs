//! A server: opens the store, accepts connections, and stops without losing anything.

use std::fmt;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::serve::Listener;
use tokio::sync::{Semaphore, mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout_at};
use tracing::{info, warn};

use crate::api;
use crate::app::{App, Parts};
use crate::auth::{PasswordHasher, TokenSigner};
use crate::config::{Config, ConfigError};
use crate::domain::signing::Signing;
use crate::feed::Feeder;
use crate::http::{Refused, serve_stream, turn_away};
use crate::hub::Hub;
use crate::limits::Limits;
use crate::metrics::{Exporter, Metrics, OpenStream};
use crate::platform::{Platform, blocking};
use crate::protocol::CloseCode;
use crate::schema::Documents;
use crate::store::key::KeyringKey;
use crate::store::{self, KeyringRecord, Newest, OpenError, Store, StoreError};
use crate::{file_sweeper, sweeper};

/// How many connections too many are told so at once.
const TURNED_AWAY: usize = 256;

/// A server whose store is open.
#[derive(Debug)]
pub struct Server {
    app: App,
    stop: watch::Sender<bool>,
    all_gone: mpsc::Receiver<()>,
    feeder: Option<Feeder>,
}

/// Where a request came from.
#[derive(Clone, Debug)]
pub struct PeerAddress(pub String);

/// Why a server did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A value of the configuration cannot work.
    #[error("the configuration cannot work: {0}")]
    Config(#[from] ConfigError),
    /// The database was refused.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The database is open but cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There is no such directory of conversation files.
    #[error("the feed's directory {directory} cannot be watched: {source}; create it, or leave `feed.directory` empty")]
    Feed {
        /// The directory.
        directory: String,
        /// What the operating system says.
        source: std::io::Error,
    },
}

/// Why a server stopped by itself.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The store failed. What was acknowledged is durable; start the server again to recover.
    #[error("the store failed; what was acknowledged is durable: start the server again to recover")]
    Store,
}

impl Server {
    /// Opens the store of `platform` and starts its writer. Accepts nothing yet.
    ///
    /// # Errors
    /// The configuration cannot work; the database is in use, unreadable, of a newer format, or corrupted.
    pub async fn start(config: Config, platform: Arc<dyn Platform>) -> Result<Self, StartError> {
        config.check()?;
        let config = Arc::new(config);
        let (opened, newest, published, signer) = {
            let (platform, store, longest_ms) =
                (platform.clone(), config.store.clone(), config.auth.longest_token_ms());
            blocking(&*platform.clone(), move || {
                let opened = store::open(&*platform, store.cache_bytes, store.verify_at_start, longest_ms)?;
                let newest = Newest::open(&opened.database)?;
                let view = newest.view();
                let published = view.last_commit()?;
                let signer = signer(view.get(&KeyringKey())?)?;
                Ok::<_, StartError>((opened, newest, published, signer))
            })
            .await?
        };
        let metrics = Arc::new(Metrics::new(platform.now()));
        let hub = Hub::new(config.clone(), platform.clone(), metrics.clone(), published);
        let batch_limit = config.store.batch_limit;
        let store = Store::start(opened, newest, platform.clone(), batch_limit, hub.clone(), metrics.clone());
        let (stop, stopping) = watch::channel(false);
        let (alive, all_gone) = mpsc::channel(1);
        let signing = Arc::new(Signing::new(signer, config.auth.clone()));
        let hasher = PasswordHasher::new(&config.password);
        let backup = Arc::new(Semaphore::new(1));
        let documents = Documents::default();
        let feeder = feeder(&config, &platform, &store, &stopping, &metrics).await?;
        let limits = Limits::new(config.limits, metrics.clone());
        let app = App::new(Parts {
            limits,
            metrics,
            config,
            platform,
            store,
            hub,
            signing,
            hasher,
            stopping,
            backup,
            alive,
            documents,
        });
        Ok(Self { app, stop, all_gone, feeder })
    }

    /// What tells of this server's metrics on a listener of their own, for as long as it lives.
    pub fn exporter(&self) -> Exporter {
        Exporter::new(&self.app)
    }

    /// Serves until `shutdown` resolves, then drains: nothing new, everybody told, everything in flight finished,
    /// within the configured deadline (PROTOCOL.md, promise 12).
    ///
    /// # Errors
    /// The store failed: the server has stopped at once.
    pub async fn serve<L>(self, mut listener: L, shutdown: impl Future<Output = ()>) -> Result<(), ServeError>
    where
        L: Listener,
        L::Addr: fmt::Display,
    {
        let Self { app, stop, all_gone, feeder } = self;
        let store = app.store.clone();
        let router = api::router(app.clone());
        let (mut connections, mut turned_away) = (JoinSet::new(), JoinSet::new());
        if let Some(feeder) = feeder {
            connections.spawn(feeder.run());
        }
        let mut shutdown = pin!(shutdown);
        let mut chores = JoinSet::new();
        chores.spawn(sweeper::run(app.clone()));
        let mut sweeping = pin!(file_sweeper::run(store.clone(), app.platform.clone(), app.config.clone()));
        info!(target: "stormglass::server", "serving");
        loop {
            tokio::select! {
                biased;
                () = &mut shutdown => break,
                () = store.failed() => {
                    warn!(target: "stormglass::server", "the store failed; stopping");
                    return Err(ServeError::Store);
                }
                (io, address) = listener.accept() => {
                    let peer = PeerAddress(address.to_string());
                    let (app, router) = (app.clone(), router.clone());
                    let permit = match app.limits.admit_stream(&peer.0) {
                        Ok(permit) => permit,
                        Err(refusal) => {
                            let refused = Refused { refusal, correlation: app.platform.new_uuid().to_string() };
                            // Beyond so many at once, there is not even an answer.
                            if turned_away.len() < TURNED_AWAY {
                                turned_away.spawn(turn_away(io, refused));
                            }
                            continue;
                        }
                    };
                    connections.spawn(async move {
                        let _held = (OpenStream::new(app.metrics.clone()), permit);
                        serve_stream(io, peer, router, &app.config.http, app.stopping.clone()).await;
                    });
                }
                Some(_) = connections.join_next() => {}
                Some(_) = turned_away.join_next() => {}
                () = &mut sweeping => {}
            }
        }
        drop(listener);
        drop(router);
        // They hold the app, and whoever drains waits for the last to let go of it.
        chores.shutdown().await;
        drain(app, stop, connections, all_gone).await;
        Ok(())
    }
}

/// What signs with the database's keys.
fn signer(ring: Option<KeyringRecord>) -> Result<TokenSigner, OpenError> {
    let refused = |flaw| OpenError::Corrupted { reason: format!("the record of its signing keys {flaw}") };
    let ring = ring.ok_or_else(|| refused("is missing"))?;
    match ring.flaw() {
        Some(flaw) => Err(refused(flaw)),
        None => TokenSigner::new(&ring).ok_or_else(|| refused("has no key")),
    }
}

/// The feed, if there is to be one.
async fn feeder(
    config: &Config,
    platform: &Arc<dyn Platform>,
    store: &Store,
    stopping: &watch::Receiver<bool>,
    metrics: &Arc<Metrics>,
) -> Result<Option<Feeder>, StartError> {
    if config.feed.directory.is_empty() {
        return Ok(None);
    }
    let directory = config.feed.directory.clone();
    let (watcher, watched) = (platform.clone(), directory.clone());
    let watched = blocking(&**platform, move || watcher.watch_feed(&watched)).await;
    let watched = watched.map_err(|source| StartError::Feed { directory, source })?;
    let (config, stopping) = (config.feed.clone(), stopping.clone());
    Ok(Some(Feeder::new(config, platform.clone(), store.clone(), watched, stopping, metrics.clone())))
}

async fn drain(app: App, stop: watch::Sender<bool>, mut connections: JoinSet<()>, mut all_gone: mpsc::Receiver<()>) {
    let shutdown = app.config.shutdown.clone();
    let begun = Instant::now();
    let deadline = begun + Duration::from_millis(shutdown.deadline_ms);
    info!(target: "stormglass::server", connections = app.hub.len(), "stopping");
    stop.send_replace(true);
    let hub = app.hub.clone();
    // Dropping the last sender but those of the connections: receiving then ends when the last of them has ended.
    drop(app);
    let all_ended = async {
        let mut ended = pin!(async {
            hub.drain(shutdown.jitter_ms).await;
            while connections.join_next().await.is_some() {}
            while all_gone.recv().await.is_some() {}
        });
        let last_word = begun + Duration::from_millis(shutdown.deadline_ms / 4 * 3);
        if timeout_at(last_word, &mut ended).await.is_ok() {
            return true;
        }
        warn!(target: "stormglass::server", connections = hub.len(), "the deadline is near: the rest is told to go away");
        // Whoever has not read by now what waits for them learns at least why they are closed, if they read at last.
        hub.close_all(CloseCode::GoingAway);
        timeout_at(deadline, ended).await.is_ok()
    };
    if !all_ended.await {
        warn!(target: "stormglass::server", connections = hub.len(), "the deadline ends what is left");
        // Dropping the sender ends every WebSocket, wherever it is: none outlives the server.
        drop(stop);
        connections.shutdown().await;
        while all_gone.recv().await.is_some() {}
    }
    info!(target: "stormglass::server", "stopped");
}
