//! What a client holds to be true, as others may look at it.

use std::collections::{BTreeMap, BTreeSet};

use super::{Replica, WhoIsThere};
use crate::protocol::{Position, Role, StreamId, UserId};

/// All that a client believes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Belief {
    /// How it stands.
    pub standing: Standing,
    /// Its copy of each followed stream.
    pub streams: BTreeMap<StreamId, Replica>,
    /// The streams that it may follow, and left at its own wish.
    pub left: BTreeSet<StreamId>,
    /// Who is there; absent while it does not follow the company.
    pub who_is_there: Option<WhoIsThere>,
}

/// How a client stands: cheap enough to be asked often.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Standing {
    /// It has a welcomed connection.
    pub connected: bool,
    /// It wants one: it was not closed, and the server did not send it away for good.
    pub wants_connection: bool,
    /// Why the server sent it away for good, where it did.
    pub sent_away: Option<String>,
    /// Its user, once it logged in.
    pub user: Option<UserId>,
    /// Its role, as last heard.
    pub role: Option<Role>,
    /// Operations that were not definitely answered yet.
    pub outbox: usize,
    /// How often something that the server pushed did not fit the copy of its stream.
    pub broken: u64,
    /// How far it is in each stream whose state it knows.
    pub positions: BTreeMap<StreamId, Position>,
}
