//! What operators see of the connections, and how they end some.

use super::{Closing, Hub, Live};
use crate::protocol::{CompanyId, Connection, ConnectionList, UserId};

/// Which connections are meant: all that fit.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Which {
    /// Of this company only.
    pub company: Option<CompanyId>,
    /// Of this user only.
    pub user: Option<UserId>,
    /// Only the one with this number.
    pub id: Option<u64>,
}

impl Which {
    fn fits(&self, live: &Live) -> bool {
        let handle = &live.handle;
        self.company.is_none_or(|company| company == handle.company)
            && self.user.is_none_or(|user| user == handle.actor.user)
            && self.id.is_none_or(|id| id == handle.id)
    }
}

impl Hub {
    /// The live connections that are meant, by number, and the subscriptions that the hub holds for them. One that it
    /// holds for a connection that is gone would be counted too, and so be seen.
    pub fn connections(&self, which: Which) -> ConnectionList {
        let state = self.lock();
        let connections = state.connections.values().filter(|live| which.fits(live)).map(describe).collect();
        let held = state.followers.values().flatten();
        let subscriptions = held.filter(|id| state.connections.get(id).is_none_or(|live| which.fits(live))).count();
        ConnectionList { connections, subscriptions }
    }

    /// Ends the connections that are meant. Returns how many.
    pub fn disconnect_all(&self, which: Which, closing: Closing) -> usize {
        let state = self.lock();
        let meant = state.connections.values().filter(|live| which.fits(live));
        meant.inspect(|live| live.handle.queue.close(closing)).count()
    }
}

fn describe(live: &Live) -> Connection {
    let handle = &live.handle;
    Connection {
        id: handle.id,
        user: handle.actor.user,
        company: handle.company,
        session: handle.actor.session,
        address: handle.peer.address.clone(),
        connected_at: handle.connected_at,
        attributes: handle.peer.attributes.clone(),
        streams: live.delivered.len(),
        queue_bytes: handle.queue.bytes(),
    }
}
