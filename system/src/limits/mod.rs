//! How much one may ask for: connections by address and in all, frames of a connection, requests by user and by address,
//! failed logins (REQUIREMENTS.md WS-10, WS-11). A server's operator changes them while it runs; a restart goes back to the configuration.

mod bucket;
mod connections;
mod logins;
mod requests;
mod settings;

use std::sync::{Arc, Mutex, PoisonError};

pub use bucket::{Bucket, ServerClock};
pub use connections::Permit;
pub use logins::Attempt;
pub use requests::{Allowance, Verdict};
pub use settings::LimitSettings;

use connections::Reached;

use crate::metrics::{Limit, Metrics};
use crate::protocol::{ErrorCode, UserId};
use crate::refusal::Refusal;

/// The limits of one server, and what counts towards them.
#[derive(Debug)]
pub struct Limits {
    settings: Mutex<LimitSettings>,
    clock: ServerClock,
    connections: Arc<connections::Connections>,
    streams: Arc<connections::Connections>,
    requests: requests::Requests,
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
            requests: requests::Requests::new(clock),
            clock,
            connections: Arc::default(),
            streams: Arc::default(),
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
        self.requests.forget();
    }

    /// Counts a WebSocket of an address until the permit is dropped, from before its upgrade on.
    ///
    /// # Errors
    /// [`LimitReached`](crate::protocol::ErrorCode::LimitReached) for the address,
    /// [`Unavailable`](crate::protocol::ErrorCode::Unavailable) for the server.
    pub fn admit(&self, address: &str) -> Result<Permit, Refusal> {
        let LimitSettings { connections, connections_per_address, .. } = self.settings();
        self.connections.admit(address, connections, connections_per_address).map_err(|reached| match reached {
            Reached::InAll => {
                self.metrics.limits.hit(Limit::Connections);
                let detail = "the server carries as many connections as it may: come back later";
                Refusal::new(ErrorCode::Unavailable, detail)
            }
            Reached::OfAddress => {
                self.metrics.limits.hit(Limit::ConnectionsPerAddress);
                let detail = format!(
                    "one address may have {connections_per_address} connections: close one before opening another"
                );
                Refusal::new(ErrorCode::LimitReached, detail)
            }
        })
    }

    /// Counts a TCP connection of an address until the permit is dropped.
    ///
    /// # Errors
    /// The same as of [`Limits::admit`].
    pub fn admit_stream(&self, address: &str) -> Result<Permit, Refusal> {
        let LimitSettings { http_connections, http_connections_per_address, .. } = self.settings();
        self.streams.admit(address, http_connections, http_connections_per_address).map_err(|reached| match reached {
            Reached::InAll => {
                self.metrics.limits.hit(Limit::HttpConnections);
                Refusal::new(
                    ErrorCode::Unavailable,
                    "the server has as many open connections as it may: come back later",
                )
            }
            Reached::OfAddress => {
                self.metrics.limits.hit(Limit::HttpConnectionsPerAddress);
                let detail = format!(
                    "one address may have {http_connections_per_address} open connections: use one for many requests"
                );
                Refusal::new(ErrorCode::LimitReached, detail)
            }
        })
    }

    /// Takes one request of an address, and of a user if it is known whose it is.
    pub fn take_request(&self, user: Option<UserId>, address: &str) -> Verdict {
        let verdict = self.requests.take(user, address, &self.settings());
        match verdict.refused_by {
            None => {}
            Some("user") => self.metrics.limits.hit(Limit::RequestsPerUser),
            Some(_) => self.metrics.limits.hit(Limit::RequestsPerAddress),
        }
        verdict
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
