//! What devices believe: their copies of the streams that they follow, and whom they see.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use system::protocol::{Epoch, Presence, Role, RoomId, SnapshotState, StreamId, UserId};

/// What a device believes: its replica of the streams that it follows.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Belief {
    /// It has a welcomed connection.
    pub connected: bool,
    /// It wants one: the history did not close it, and the server did not send it away for good.
    pub wants_connection: bool,
    /// Its role, as last heard.
    pub role: Option<Role>,
    /// Operations that were not answered yet.
    pub outbox: usize,
    /// Its replica of each followed stream.
    pub streams: BTreeMap<StreamId, Replica>,
    /// The streams that it may follow, and left at its own wish.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub left: BTreeSet<StreamId>,
}

/// Whom a device sees.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct SeenPresence {
    /// Everybody who is not offline, by identifier.
    pub users: Vec<Presence>,
    /// Who is not among `users` is offline.
    pub complete: bool,
    /// Who is shown as typing, and where.
    pub typing: Vec<(RoomId, UserId)>,
}

/// A device's copy of one stream's state.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Replica {
    /// The last event applied.
    pub seq: u64,
    /// The history that it counts in.
    pub epoch: Epoch,
    /// Absent until a snapshot was taken.
    pub state: Option<SnapshotState>,
}
