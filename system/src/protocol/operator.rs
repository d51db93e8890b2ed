//! What operators see of the running server, and what they may do to it (REQUIREMENTS.md WS-4).

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::bound::DRAIN_JITTER_MS;
use super::{CompanyId, SessionId, Timestamp, UserId};

/// One live connection, as an operator sees it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Connection {
    /// Its number since the server started.
    pub id: u64,
    /// Whose.
    pub user: UserId,
    /// Their company.
    pub company: CompanyId,
    /// Which login.
    pub session: SessionId,
    /// The peer's address.
    pub address: String,
    /// Since when.
    pub connected_at: Timestamp,
    /// What the handshake said of the client: `device` (of the session), `user-agent`, and each `X-Attribute-<name>`
    /// header by its name.
    #[serde(default)]
    pub attributes: BTreeMap<String, String>,
    /// How many streams it follows.
    pub streams: usize,
    /// How many bytes wait to be sent.
    pub queue_bytes: usize,
}

/// `GET /operator/connections`: the live connections of the company; for the server's operator, of all companies.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ConnectionList {
    /// By number.
    pub connections: Vec<Connection>,
    /// How many subscriptions the hub holds for these connections.
    pub subscriptions: usize,
}

/// `POST /operator/users/{id}/disconnect`: what was done.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Disconnected {
    /// How many connections were ended.
    pub connections: usize,
}

/// `POST /operator/drain`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BeginDrain {
    /// Over how long the connections are told to come back elsewhere, at most 10 minutes; by default
    /// `shutdown.jitter_ms`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(max = DRAIN_JITTER_MS))]
    pub jitter_ms: Option<u64>,
}

/// `GET /operator/drain`: whether the server is being emptied.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct DrainState {
    /// True: not ready, and upgrades nobody.
    pub draining: bool,
    /// How many connections live still.
    pub connections: usize,
}

/// `GET /operator/signing-key`, `POST /operator/signing-key/rotate`: the keys that verify tokens.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct SigningKeys {
    /// The oldest first; the last one signs.
    pub keys: Vec<SigningKey>,
}

/// A key that verifies tokens, without its secret.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct SigningKey {
    /// What tokens call it in their `kid` (RFC 7515, section 4.1.4).
    pub id: String,
    /// Since when it has signed.
    pub created_at: Timestamp,
    /// When it is forgotten, since the last token that it signed has ended by then. Absent: it signs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_at: Option<Timestamp>,
}
