//! What every handler shares.

use std::ops::Deref;
use std::sync::{Arc, Weak};

use tokio::sync::{Semaphore, mpsc, watch};

use crate::auth::PasswordHasher;
use crate::config::Config;
use crate::domain::files::FileLimits;
use crate::domain::signing::Signing;
use crate::hub::Hub;
use crate::limits::Limits;
use crate::metrics::Metrics;
use crate::platform::Platform;
use crate::schema::Documents;
use crate::store::Store;

/// One server. Clones are one pointer and share everything: nothing of a server is global, so many live in one process.
#[derive(Clone, Debug)]
pub struct App(Arc<Parts>);

/// A server, for who must not keep it alive: whoever drains it waits for the last to let go.
#[derive(Clone, Debug)]
pub struct WeakApp(Weak<Parts>);

impl WeakApp {
    /// The server, unless it is gone.
    pub fn upgrade(&self) -> Option<App> {
        self.0.upgrade().map(App)
    }
}

/// What a server consists of.
#[derive(Debug)]
pub struct Parts {
    /// Every interval, size and limit.
    pub config: Arc<Config>,
    /// The outside world.
    pub platform: Arc<dyn Platform>,
    /// The durable state.
    pub store: Store,
    /// The live connections.
    pub hub: Arc<Hub>,
    /// How much one may ask for.
    pub limits: Limits,
    /// What is counted and measured.
    pub metrics: Arc<Metrics>,
    /// What signs tokens.
    pub signing: Arc<Signing>,
    /// What checks passwords.
    pub hasher: PasswordHasher,
    /// True once the server stops: nothing new is begun. Closed once it has stopped: everything ends at once.
    pub stopping: watch::Receiver<bool>,
    /// Held by the backup that is being taken: one at a time.
    pub backup: Arc<Semaphore>,
    /// Held by every WebSocket from before its upgrade until its end, so that none outlives the server.
    pub alive: mpsc::Sender<()>,
    /// The published schemas.
    pub documents: Documents,
}

impl App {
    /// Shares the parts from now on.
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    /// Without keeping it alive.
    pub fn downgrade(&self) -> WeakApp {
        WeakApp(Arc::downgrade(&self.0))
    }

    /// What bounds files.
    pub fn file_limits(&self) -> FileLimits {
        FileLimits { uploads: self.config.uploads.clone(), quota: self.config.quota.clone() }
    }

    /// Whether the server takes new work.
    pub fn is_stopping(&self) -> bool {
        *self.stopping.borrow()
    }
}

impl Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}
