//! Presence by (user, connection, generation): the first connection brings a user online, the last takes them offline
//! after a grace, and a late goodbye of an old connection changes nothing (PROTOCOL.md, promise 9).

use std::collections::BTreeSet;
use std::time::Duration;

use super::{Hub, State};
use crate::protocol::{CompanyId, Presence, ServerFrame, StreamId, UserId};

/// A user who is online, or was within the grace.
#[derive(Debug)]
pub(super) struct UserPresence {
    pub(super) company: CompanyId,
    pub(super) connections: BTreeSet<u64>,
    /// Counts the times that the user was left without a connection: a grace that began before a later return is void.
    generation: u64,
}

impl State {
    /// A user has one connection more.
    pub(super) fn arrive(&mut self, id: u64, user: UserId, company: CompanyId) {
        let was_offline = !self.users.contains_key(&user);
        let presence = self.users.entry(user).or_insert_with(|| UserPresence {
            company,
            connections: BTreeSet::new(),
            generation: 0,
        });
        presence.connections.insert(id);
        if was_offline {
            self.announce(company, user, true);
        }
    }

    /// A user has one connection less. If it was their last: the generation of the grace that begins.
    pub(super) fn depart(&mut self, id: u64, user: UserId) -> Option<u64> {
        let presence = self.users.get_mut(&user)?;
        presence.connections.remove(&id);
        if !presence.connections.is_empty() {
            return None;
        }
        presence.generation += 1;
        Some(presence.generation)
    }

    fn end_grace(&mut self, user: UserId, generation: u64) {
        let Some(presence) = self.users.get(&user) else { return };
        if !presence.connections.is_empty() || presence.generation != generation {
            return;
        }
        let company = presence.company;
        self.users.remove(&user);
        self.announce(company, user, false);
    }

    fn announce(&self, company: CompanyId, user: UserId, online: bool) {
        let stream = StreamId::Company(company);
        let Some(followers) = self.followers.get(&stream) else { return };
        let text =
            axum::extract::ws::Utf8Bytes::from(ServerFrame::Presence(Presence { stream, user, online }).to_text());
        for live in followers.iter().filter_map(|id| self.connections.get(id)) {
            live.handle.queue.push_ephemeral(stream, text.clone());
        }
    }
}

impl Hub {
    /// Takes the user offline when the grace ends, unless they came back.
    pub(super) fn begin_grace(&self, user: UserId, generation: u64) {
        // The last connection may end while the runtime is being torn down: then there is nobody left to tell.
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        let grace = Duration::from_millis(self.config.presence.grace_ms);
        let this = self.this.clone();
        runtime.spawn(async move {
            tokio::time::sleep(grace).await;
            if let Some(hub) = this.upgrade() {
                hub.lock().end_grace(user, generation);
            }
        });
    }
}
