//! How much one may ask for: connections by address and in all, frames of a connection, failed logins (REQUIREMENTS.md
//! WS-10, WS-11). A server's operator changes them while it runs; a restart goes back to the configuration.

mod bucket;
mod connections;
mod logins;
mod settings;

use std::sync::{Arc, Mutex, PoisonError};

pub use bucket::{Bucket, ServerClock};
pub use connections::Permit;
pub use logins::Attempt;
pub use settings::LimitSettings;

use crate::metrics::Metrics;
use crate::refusal::Refusal;

/// The limits of one server, and what counts towards them.
#[derive(Debug)]
pub struct Limits {
    settings: Mutex<LimitSettings>,
    clock: ServerClock,
    connections: Arc<connections::Connections>,
    logins: Arc<logins::Logins>,
    metrics: Arc<Metrics>,
}

impl Limits {
    /// Nothing counts yet.
    pub fn new(settings: LimitSettings, metrics: Arc<Metrics>) -> Self {
        let clock = ServerClock::start();
        Self {
            settings: Mutex::new(settings),
            logins: Arc::new(logins::Logins::new(clock)),
            clock,
            connections: Arc::default(),
            metrics,
        }
    }

    /// The limits as they are now.
    pub fn settings(&self) -> LimitSettings {
        *self.settings.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Other limits from now on. What is connected already stays, unless whoever changes them sees to it.
    pub fn change(&self, settings: LimitSettings) {
        *self.settings.lock().unwrap_or_else(PoisonError::into_inner) = settings;
    }

    /// Counts a WebSocket of an address until the permit is dropped, from before its upgrade on.
    ///
    /// # Errors
    /// [`LimitReached`](crate::protocol::ErrorCode::LimitReached) for the address,
    /// [`Unavailable`](crate::protocol::ErrorCode::Unavailable) for the server.
    pub fn admit(&self, address: &str) -> Result<Permit, Refusal> {
        self.connections.admit(address, &self.settings(), &self.metrics)
    }

    /// How many WebSockets are counted.
    pub fn permits(&self) -> u32 {
        self.connections.len()
    }

    /// What a connection may send; none: as much as it likes.
    pub fn frames(&self) -> Option<Bucket> {
        let settings = self.settings();
        Bucket::new(settings.frames_per_second, settings.frames_burst, self.clock)
    }

    /// Begins to check a password. Who has failed too often, by email or by address, waits first.
    ///
    /// # Errors
    /// [`RateLimited`](crate::protocol::ErrorCode::RateLimited).
    pub fn attempt_login(&self, email: &str, address: &str) -> Result<Attempt, Refusal> {
        self.logins.attempt(email, address, &self.settings(), &self.metrics)
    }
}
