//! Who is there, as a client last heard it: the server's `presence.state` and every `presence` since (PROTOCOL.md, promise
//! 9; REQUIREMENTS.md IT-6), and who types.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use tokio::time::Instant;

use crate::protocol::{Presence, PresenceState, RoomId, Status, StreamId, Typing, UserId};

/// Who of the company is there, as one connection has told it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct WhoIsThere {
    /// How everybody looks who is not offline.
    pub users: BTreeMap<UserId, Presence>,
    /// Who is not among `users` is offline. False in companies that are too large for one frame: `GET /presence` has the
    /// others.
    pub complete: bool,
}

/// What is heard on one connection of those who are there. Nothing of it outlives the connection: the next one is told
/// anew.
#[derive(Debug, Default)]
pub(super) struct Heard {
    there: Option<WhoIsThere>,
    /// The newest generation heard of each user, offline or not.
    generations: BTreeMap<UserId, u64>,
    typing: BTreeMap<(RoomId, UserId), Instant>,
}

impl Heard {
    /// Everybody, as the company's stream begins.
    pub(super) fn state(&mut self, state: &PresenceState) {
        let users: BTreeMap<_, _> = state.users.iter().map(|seen| (seen.user, seen.clone())).collect();
        self.generations = users.values().map(|seen| (seen.user, seen.generation)).collect();
        self.there = Some(WhoIsThere { users, complete: state.complete });
    }

    /// One changed. An older word than the newest is nothing.
    pub(super) fn changed(&mut self, seen: &Presence) {
        let Some(there) = &mut self.there else { return };
        let newest = self.generations.entry(seen.user).or_default();
        if seen.generation < *newest {
            return;
        }
        *newest = seen.generation;
        if seen.status == Status::Offline {
            there.users.remove(&seen.user);
        } else {
            there.users.insert(seen.user, seen.clone());
        }
    }

    /// Somebody types, for as long as the server says.
    pub(super) fn typing(&mut self, typing: &Typing) {
        let now = Instant::now();
        self.typing.retain(|_, until| *until > now);
        if let StreamId::Room(room) = typing.stream {
            self.typing.insert((room, typing.user), now + Duration::from_millis(typing.expires_ms));
        }
    }

    /// A stream is no longer followed: what came with it is not known any more.
    pub(super) fn unsubscribed(&mut self, stream: StreamId) {
        match stream {
            StreamId::Company(_) => (self.there, self.generations) = (None, BTreeMap::new()),
            StreamId::Room(left) => self.typing.retain(|(room, _), _| *room != left),
            StreamId::User(_) => {}
        }
    }

    pub(super) fn there(&self) -> Option<&WhoIsThere> {
        self.there.as_ref()
    }

    pub(super) fn who_types(&self, room: RoomId) -> BTreeSet<UserId> {
        let now = Instant::now();
        let typing = self.typing.iter().filter(|((where_to, _), until)| *where_to == room && **until > now);
        typing.map(|((_, user), _)| *user).collect()
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::protocol::CompanyId;

    const COMPANY: StreamId = StreamId::Company(CompanyId(Uuid::nil()));

    fn seen(user: u128, status: Status, generation: u64) -> Presence {
        Presence { stream: COMPANY, user: UserId(Uuid::from_u128(user)), status, text: None, generation }
    }

    #[test]
    fn the_newest_word_about_each_user_counts() {
        let mut heard = Heard::default();
        heard.changed(&seen(1, Status::Busy, 9));
        assert_eq!(heard.there(), None, "without the whole, a part says nothing");
        heard.state(&PresenceState { stream: COMPANY, users: vec![seen(1, Status::Online, 3)], complete: true });
        heard.changed(&seen(1, Status::Away, 5));
        heard.changed(&seen(1, Status::Busy, 4));
        heard.changed(&seen(2, Status::Online, 6));
        heard.changed(&seen(2, Status::Offline, 7));
        heard.changed(&seen(2, Status::Online, 6));
        let users: Vec<_> = heard.there().unwrap().users.values().cloned().collect();
        assert_eq!(users, [seen(1, Status::Away, 5)]);
        heard.unsubscribed(COMPANY);
        assert_eq!(heard.there(), None);
    }

    #[tokio::test(start_paused = true)]
    async fn who_types_stops_by_itself() {
        let mut heard = Heard::default();
        let (room, user) = (RoomId(Uuid::nil()), UserId(Uuid::from_u128(1)));
        heard.typing(&Typing { stream: StreamId::Room(room), user, expires_ms: 6_000 });
        assert_eq!(heard.who_types(room), BTreeSet::from([user]));
        tokio::time::advance(Duration::from_millis(6_001)).await;
        assert!(heard.who_types(room).is_empty());
        heard.typing(&Typing { stream: StreamId::Room(room), user, expires_ms: 6_000 });
        heard.unsubscribed(StreamId::Room(room));
        assert!(heard.who_types(room).is_empty());
    }
}
