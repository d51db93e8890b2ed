//! Presence by (user, connection, generation): the first connection brings a user online, the last takes them offline
//! after a grace, and a late goodbye of an old connection changes nothing (PROTOCOL.md, promise 9).
//!
//! How a user looks is made of their connections and of the status that they chose. The choice comes as an event, in
//! commit order like every other, so of two choices made at once every client ends with the same one (REQUIREMENTS.md
//! IT-6). The followers of the company's stream see it; guests do not follow it and see nobody.

use std::collections::BTreeSet;
use std::ops::Bound;
use std::time::Duration;

use tokio_tungstenite::tungstenite::Utf8Bytes;

use super::{Hub, State};
use crate::protocol::{
    CompanyId, Presence, PresenceList, PresenceState, ServerFrame, Status, StreamId, UserId, UserStatus,
};

/// A user who has a connection, or had one within the grace.
#[derive(Debug)]
pub(super) struct UserPresence {
    pub(super) company: CompanyId,
    pub(super) connections: BTreeSet<u64>,
    /// Counts the times that the user was left without a connection: a grace that began before a later return is void.
    departures: u64,
    /// What they chose.
    chosen: UserStatus,
    /// When what others see of them last changed, as a generation.
    generation: u64,
}

impl UserPresence {
    fn seen(&self) -> Presence {
        let UserStatus { user, status, text } = self.chosen.clone();
        let text = text.filter(|_| status != Status::Offline);
        Presence { stream: StreamId::Company(self.company), user, status, text, generation: self.generation }
    }
}

impl State {
    /// A user has one connection more. Tells whether they had none: then `chosen` is what they last chose.
    pub(super) fn arrive(&mut self, id: u64, company: CompanyId, chosen: UserStatus) -> bool {
        let user = chosen.user;
        let was_offline = !self.users.contains_key(&user);
        let presence = self.users.entry(user).or_insert_with(|| UserPresence {
            company,
            connections: BTreeSet::new(),
            departures: 0,
            chosen,
            generation: 0,
        });
        presence.connections.insert(id);
        if was_offline {
            self.change(user, Status::Offline);
        }
        was_offline
    }

    /// A user has one connection less. If it was their last: the number of the grace that begins.
    pub(super) fn depart(&mut self, id: u64, user: UserId) -> Option<u64> {
        let presence = self.users.get_mut(&user)?;
        presence.connections.remove(&id);
        if !presence.connections.is_empty() {
            return None;
        }
        presence.departures += 1;
        Some(presence.departures)
    }

    /// A user chose another status.
    pub(super) fn choose(&mut self, chosen: &UserStatus) {
        let Some(presence) = self.users.get_mut(&chosen.user) else { return };
        let before = std::mem::replace(&mut presence.chosen, chosen.clone());
        self.change(chosen.user, before.status);
    }

    /// Everybody of a company who is not offline after `after`, by identifier; at most `limit` of them.
    fn present(&self, company: CompanyId, after: Option<UserId>) -> impl Iterator<Item = Presence> {
        let after = after.map_or(Bound::Unbounded, Bound::Excluded);
        let of_company = self.users.range((after, Bound::Unbounded)).filter(move |(_, user)| user.company == company);
        of_company.map(|(_, user)| user.seen()).filter(|seen| seen.status != Status::Offline)
    }

    /// The `presence.state` of a company, as large as a frame may be.
    pub(super) fn presence_state(&self, company: CompanyId, limit_bytes: usize) -> Utf8Bytes {
        /// Everything of an entry but its text.
        const ENTRY_BYTES: usize = 200;
        let (mut users, mut bytes, mut complete) = (Vec::new(), 0, true);
        for seen in self.present(company, None) {
            bytes += ENTRY_BYTES + seen.text.as_ref().map_or(0, String::len);
            if bytes > limit_bytes {
                complete = false;
                break;
            }
            users.push(seen);
        }
        let state = PresenceState { stream: StreamId::Company(company), users, complete };
        ServerFrame::PresenceState(state).to_text().into()
    }

    fn end_grace(&mut self, user: UserId, departures: u64) {
        let ended = |presence: &UserPresence| presence.connections.is_empty() && presence.departures == departures;
        if !self.users.get(&user).is_some_and(ended) {
            return;
        }
        let Some(gone) = self.users.remove(&user) else { return };
        let was = gone.seen();
        if was.status != Status::Offline {
            self.generation += 1;
            self.announce(&Presence { status: Status::Offline, text: None, generation: self.generation, ..was });
        }
    }

    /// Something about a user changed, who looked like `before`: tells the company, unless they stay offline to it.
    fn change(&mut self, user: UserId, before: Status) {
        let Some(presence) = self.users.get_mut(&user) else { return };
        if before == Status::Offline && presence.chosen.status == Status::Offline {
            return;
        }
        self.generation += 1;
        presence.generation = self.generation;
        let seen = presence.seen();
        self.announce(&seen);
    }

    fn announce(&self, seen: &Presence) {
        let Some(followers) = self.followers.get(&seen.stream) else { return };
        let text = Utf8Bytes::from(ServerFrame::Presence(seen.clone()).to_text());
        for live in followers.iter().filter_map(|id| self.connections.get(id)) {
            live.handle.queue.push_presence(seen.stream, seen.user, text.clone());
        }
    }
}

impl Hub {
    /// Who of a company is not offline, by identifier: at most `limit` people after `after`.
    pub fn presence(&self, company: CompanyId, after: Option<UserId>, limit: usize) -> PresenceList {
        let state = self.lock();
        let mut users: Vec<Presence> = state.present(company, after).take(limit.saturating_add(1)).collect();
        let more = users.len() > limit;
        users.truncate(limit);
        let next = users.last().filter(|_| more).map(|last| last.user.to_string());
        PresenceList { users, next }
    }

    /// Takes the user offline when the grace ends, unless they came back.
    pub(super) fn begin_grace(&self, user: UserId, departures: u64) {
        // The last connection may end while the runtime is being torn down: then there is nobody left to tell.
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        let grace = Duration::from_millis(self.config.presence.grace_ms);
        let this = self.this.clone();
        runtime.spawn(async move {
            tokio::time::sleep(grace).await;
            if let Some(hub) = this.upgrade() {
                hub.lock().end_grace(user, departures);
            }
        });
    }
}
