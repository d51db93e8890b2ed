//! Limits that were reached, and logins.

use prometheus_client::metrics::counter::Counter;
use prometheus_client::registry::Registry;

use super::Labelled;
use super::register::counters;

/// What is counted of limits.
#[derive(Debug)]
pub struct LimitMetrics {
    hits: Labelled<1, Counter>,
    logins: Labelled<1, Counter>,
}

/// A limit of `limits.*` that somebody reached.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Limit {
    /// WebSockets in all.
    Connections,
    /// WebSockets of one address.
    ConnectionsPerAddress,
    /// WebSockets of one user.
    ConnectionsPerUser,
    /// Frames of one WebSocket: it was warned.
    FramesWarned,
    /// Frames of one WebSocket: one was read later.
    FramesThrottled,
    /// Frames of one WebSocket: it was closed.
    FramesClosed,
    /// REST requests of one user.
    RequestsPerUser,
    /// REST requests of one address.
    RequestsPerAddress,
    /// TCP connections in all.
    HttpConnections,
    /// TCP connections of one address.
    HttpConnectionsPerAddress,
    /// Failed logins.
    LoginFailures,
}

/// How a login ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LoginOutcome {
    /// A session was opened.
    Succeeded,
    /// The email or the password was wrong.
    Failed,
    /// It was not checked: too many had failed.
    Refused,
}

impl Limit {
    const ALL: [Self; 11] = [
        Self::Connections,
        Self::ConnectionsPerAddress,
        Self::ConnectionsPerUser,
        Self::FramesWarned,
        Self::FramesThrottled,
        Self::FramesClosed,
        Self::RequestsPerUser,
        Self::RequestsPerAddress,
        Self::HttpConnections,
        Self::HttpConnectionsPerAddress,
        Self::LoginFailures,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Connections => "connections",
            Self::ConnectionsPerAddress => "connections_per_address",
            Self::ConnectionsPerUser => "connections_per_user",
            Self::FramesWarned => "frames_warned",
            Self::FramesThrottled => "frames_throttled",
            Self::FramesClosed => "frames_closed",
            Self::RequestsPerUser => "requests_per_user",
            Self::RequestsPerAddress => "requests_per_address",
            Self::HttpConnections => "http_connections",
            Self::HttpConnectionsPerAddress => "http_connections_per_address",
            Self::LoginFailures => "login_failures",
        }
    }
}

impl LoginOutcome {
    const ALL: [Self; 3] = [Self::Succeeded, Self::Failed, Self::Refused];

    fn name(self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Refused => "refused",
        }
    }
}

impl LimitMetrics {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let hits = counters(registry, "limit_hits", "How often a limit was reached", ["limit"]);
        let logins = counters(registry, "logins", "Logins by password, by how they ended", ["outcome"]);
        Self {
            hits: hits.with(Limit::ALL.map(Limit::name)),
            logins: logins.with(LoginOutcome::ALL.map(LoginOutcome::name)),
        }
    }

    /// Somebody reached a limit.
    pub fn hit(&self, limit: Limit) {
        self.hits.of([limit.name().into()]).inc();
    }

    /// Somebody tried to log in.
    pub fn login(&self, outcome: LoginOutcome) {
        self.logins.of([outcome.name().into()]).inc();
    }
}
